package io.disky.random;

import io.disky.engine.ChunkListing;
import io.disky.engine.ChunkPick;
import io.disky.engine.EngineException;
import io.disky.engine.EngineException.Kind;
import io.disky.engine.NativeReader;
import io.disky.engine.Step;
import io.disky.engine.Step.Outcome;
import io.disky.memory.ChunkPlace;
import io.disky.random.CachedChunk.Layout;
import io.disky.random.SharedReaders.SharedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one chunk of a file, and checks it against the entry that the index has for it. For one
 * thread.
 */
final class ChunkDecoding implements ChunkCache.Decoding {
  private static final long ALIGNMENT = 64;

  /** Size of a chunk header in bytes. */
  private static final long CHUNK_HEADER = 40;

  private static final String RECOVER = "'disky recover' copies the intact records to a new file";

  private final FileIndex index;
  private final ChunkIndex.Entry entry;
  private final SharedReaders readers;
  private final SharedReader reader;
  private final NativeReader engine;
  private final IndexFailures failures;
  private final long firstRecord;
  private final long endsSize;
  private long dataSize;

  // The record of a chunk that has only this one and that is already decoded.
  private @Nullable ChunkPick single;

  // The memory in which another small chunk is already decoded, and its place there.
  private @Nullable MemorySegment scratch;
  private @Nullable ChunkPlace decoded;

  /**
   * Takes a reader of the file, until this is closed.
   *
   * @param chunk the number of the chunk in the file
   * @param before how many records of the sequence are before the file
   */
  ChunkDecoding(
      FileIndex index, long chunk, long before, SharedReaders readers, IndexFailures failures)
      throws EngineException {
    this.index = index;
    this.entry = index.chunks().entry(chunk);
    this.firstRecord = before + entry.firstRecord();
    this.endsSize = Math.multiplyExact(entry.records(), Long.BYTES);
    this.failures = failures;
    this.readers = readers;
    this.reader = readers.take();
    this.engine = reader.engine();
  }

  @Override
  public long size() throws IOException {
    try {
      if (entry.records() == 1 && decodeSingle()) {
        return dataBegin() + dataSize;
      }
      engine.seek(entry.begin(), entry.end());
      MemorySegment small = reader.scratch().segment();
      if (dataBegin() > small.byteSize() || !decodeToScratch(small)) {
        findSize();
      }
    } catch (EngineException e) {
      throw failure(e);
    }
    return Math.addExact(dataBegin(), dataSize);
  }

  /** Returns {@code false} if the chunk does not fit, or is unusual in any way. */
  private boolean decodeSingle() throws EngineException {
    ChunkPick pick = reader.scratch().single(entry.begin(), entry.end());
    if (engine.pick(pick) == 0) {
      return false;
    }
    single = pick;
    dataSize = pick.size(0);
    return true;
  }

  /** Returns {@code false} if the chunk does not fit. */
  private boolean decodeToScratch(MemorySegment small) throws IOException, EngineException {
    MemorySegment ends = small.asSlice(0, endsSize);
    Step step = engine.tryNext(ends, small.asSlice(dataBegin()));
    if (step.outcome() == Outcome.TOO_SMALL) {
      return false;
    }
    checkDecoded(step);
    decoded = step.chunk();
    scratch = small;
    dataSize = step.dataSize();
    return true;
  }

  private void findSize() throws IOException, EngineException {
    Step step = engine.tryNext(MemorySegment.NULL, MemorySegment.NULL);
    // A chunk has at least one record, and each record has an end offset, so no chunk fits into 0
    // bytes.
    check(step.outcome() == Outcome.TOO_SMALL, "the file has no chunk of records there");
    checkRecords(step);
    dataSize = step.dataSize();
  }

  private long dataBegin() {
    return Math.addExact(endsSize, ALIGNMENT - 1) & -ALIGNMENT;
  }

  @Override
  public Layout decode(MemorySegment segment, long begin) throws IOException {
    long data = begin + dataBegin();
    ChunkPick one = single;
    if (one != null) {
      segment.set(ValueLayout.JAVA_LONG, begin, dataSize);
      MemorySegment.copy(one.data(), one.offset(0), segment, data, dataSize);
      return new Layout(firstRecord, entry.begin(), entry.end(), 1, begin, data, dataSize);
    }
    MemorySegment small = scratch;
    ChunkPlace place = decoded;
    if (small == null || place == null) {
      place = decodeTo(segment, begin, data);
      data += place.dataOffset();
    } else {
      MemorySegment.copy(small, 0, segment, begin, endsSize);
      MemorySegment.copy(small, dataBegin() + place.dataOffset(), segment, data, dataSize);
    }
    return new Layout(
        firstRecord,
        entry.begin(),
        place.chunkEnd(),
        Math.toIntExact(entry.records()),
        begin,
        data,
        place.dataSize());
  }

  private ChunkPlace decodeTo(MemorySegment segment, long begin, long data) throws IOException {
    try {
      Step step = engine.tryNext(segment.asSlice(begin, endsSize), segment.asSlice(data, dataSize));
      checkDecoded(step);
      return step.chunk();
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  private void checkDecoded(Step step) throws IOException, EngineException {
    check(step.outcome() == Outcome.CHUNK, "the file has no chunk of records there");
    checkRecords(step);
    ChunkPlace place = step.chunk();
    check(place.chunkBegin() == entry.begin(), "the file has no chunk of records there");
    if (index.source() != IndexSource.HEADERS) {
      checkEnd(place.chunkEnd());
    }
  }

  private void checkRecords(Step step) throws IOException {
    long found = step.records();
    check(found == entry.records(), "the chunk there has " + found);
  }

  /** Checks that no chunk of records lies between this one and the next one in the index. */
  private void checkEnd(long chunkEnd) throws IOException, EngineException {
    long end = chunkEnd;
    boolean last = entry.number() == index.chunks().chunks() - 1;
    check(last || end <= entry.end(), "the chunk there ends at byte " + end);
    if (end >= entry.end()) {
      return; // Most chunks end at their stated end, and need no listing.
    }
    try (ChunkListing listing = new ChunkListing(1)) {
      while (end < entry.end()) {
        engine.list(listing, end, entry.end());
        check(listing.count() == 0, "the chunk that follows it is not listed");
        end = listing.next();
      }
    } catch (EngineException e) {
      // Damage after the last chunk, for example to the postscript, costs none of its records.
      if (!last || !e.kind().isDamage()) {
        throw e;
      }
    }
  }

  private void check(boolean holds, String found) throws IOException {
    if (!holds) {
      throw disagreement(found);
    }
  }

  private IOException disagreement(String found) {
    String detail =
        index.source()
            + " lists a chunk with "
            + entry.records()
            + (entry.records() == 1 ? " record" : " records")
            + ", but "
            + found;
    return failures.disagreement(entry.begin(), detail + "; " + index.source().remedy());
  }

  private IOException failure(EngineException e) {
    if (e.kind() == Kind.INVALID_ARGUMENT) {
      return disagreement("no chunk can begin there");
    }
    if (index.source() == IndexSource.HEADERS || isHeaderFound(e.kind(), e.position())) {
      return failures.exception(e, RECOVER);
    }
    String place = "the chunk's place comes from " + index.source();
    return failures.exception(
        e, place + ": " + index.source().remedy() + "; if it is damaged, " + RECOVER);
  }

  /**
   * Whether an intact chunk header is at the place that the index states, so that the index is
   * right and the chunk is damaged.
   *
   * @param position where the damage is
   */
  private boolean isHeaderFound(Kind kind, long position) {
    return kind == Kind.DATA_HASH
        || kind == Kind.RECORD_SIZES
        || kind == Kind.COMPRESSED_DATA
        || kind == Kind.TRANSPOSED_DATA
        || (kind == Kind.BLOCK_HEADER && position >= entry.begin() + CHUNK_HEADER);
  }

  @Override
  public void close() {
    readers.give(reader);
  }
}

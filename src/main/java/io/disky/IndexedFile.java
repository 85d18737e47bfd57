package io.disky;

import io.disky.CachedChunk.Records;
import io.disky.CorruptFileException.Damage;
import io.disky.engine.ChunkListing;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.NativeReader.Outcome;
import io.disky.engine.NativeReader.Step;
import io.disky.files.Origin;
import io.disky.files.QuotedText;
import io.disky.memory.ChunkPlace;
import io.disky.random.ChunkIndex;
import io.disky.random.ChunkIndex.Chunk;
import io.disky.random.IndexWalk;
import io.disky.random.SharedReaders;
import io.disky.random.SharedReaders.SharedReader;
import io.disky.reading.Notices;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An open file whose chunks are found by an index. Thread-safe. */
final class IndexedFile implements AutoCloseable {
  private static final long ALIGNMENT = 64;
  private static final int FOOTER_CHUNKS = 1 << 10;
  private static final Logger LOGGER = System.getLogger("io.disky");

  /** What an index was made from. */
  enum IndexSource {
    /** The chunk headers of this open file. */
    HEADERS("the chunk headers", ""),
    /** The footer of an ArrayRecord. */
    FOOTER("the ArrayRecord footer", "open it without its footer (withFooter(false))"),
    /** A file that an earlier reader saved. */
    SAVED("the saved index", "delete it, or open the file with SavedIndex.IGNORE");

    private final String text;
    private final String remedy;

    IndexSource(String text, String remedy) {
      this.text = text;
      this.remedy = remedy;
    }
  }

  private final Path path;
  private final SharedReaders readers;
  private final ChunkIndex index;
  private final IndexSource origin;
  private final SavedIndexFile saved;

  private IndexedFile(
      Path path, NativeReader engine, ChunkIndex index, IndexSource origin, SavedIndexFile saved) {
    this.path = path;
    this.saved = saved;
    this.readers = new SharedReaders(engine, QuotedText.name(path));
    this.index = index;
    this.origin = origin;
  }

  /** Opens the file, and finds or makes its index. */
  static IndexedFile open(Path path, RandomAccessOptions options, long minPart) throws IOException {
    ReaderOptions reading = options.readerOptions();
    SavedIndexFile saved = SavedIndexFile.of(path, options);
    NativeReader engine = null;
    boolean opened = false;
    try {
      engine = NativeReader.open(path, reading.randomAccessSettings());
      IndexedFile file = open(path, engine, options, saved, minPart);
      opened = true;
      return file;
    } catch (EngineException e) {
      throw RecordFileException.of(e, Origin.of(path), 0);
    } finally {
      if (engine != null && !opened) {
        engine.close();
      }
    }
  }

  private static IndexedFile open(
      Path path,
      NativeReader engine,
      RandomAccessOptions options,
      SavedIndexFile saved,
      long minPart)
      throws IOException, EngineException {
    long size = engine.fileSize();
    ChunkIndex index = options.footer() ? tryFooter(path, engine, size) : null;
    if (index != null && isComplete(engine, index)) {
      return new IndexedFile(path, engine, index, IndexSource.FOOTER, saved);
    }
    if (options.savedIndex() != SavedIndex.IGNORE) {
      index = saved.load(size);
      if (index != null) {
        return new IndexedFile(path, engine, index, IndexSource.SAVED, saved);
      }
    }
    index = IndexWalk.index(engine, size, minPart);
    Notices.log(Origin.of(path).toString(), engine);
    if (options.savedIndex() == SavedIndex.LOAD_OR_SAVE) {
      trySave(saved, index);
    }
    return new IndexedFile(path, engine, index, IndexSource.HEADERS, saved);
  }

  /** The index that a footer has; {@code null} if there is none, or no memory for it. */
  private static @Nullable ChunkIndex tryFooter(Path path, NativeReader engine, long size)
      throws EngineException {
    try {
      return footer(engine, size);
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.OUT_OF_MEMORY) {
        throw e;
      }
      logUnusedFooter(path, e);
    } catch (OutOfMemoryError e) {
      logUnusedFooter(path, e);
    }
    return null;
  }

  private static void logUnusedFooter(Path path, Throwable reason) {
    LOGGER.log(
        Level.WARNING,
        "{0}: the ArrayRecord footer is not used; the chunk headers are: {1}",
        path,
        reason);
  }

  private static @Nullable ChunkIndex footer(NativeReader engine, long size)
      throws EngineException {
    try (ChunkListing listing = new ChunkListing(FOOTER_CHUNKS)) {
      if (!engine.listIndex(listing)) {
        return null;
      }
      ChunkIndex.Builder builder = new ChunkIndex.Builder();
      for (long i = 0; i < listing.count(); i++) {
        if (!builder.add(listing.begin(i), listing.records(i), listing.decodedDataSize(i))) {
          return null;
        }
      }
      return builder.build(size);
    }
  }

  /** Whether a footer's first chunk is the first one, so that no record is before it. */
  private static boolean isComplete(NativeReader engine, ChunkIndex index) throws EngineException {
    try (ChunkListing first = new ChunkListing(1)) {
      long position = 0;
      while (position < engine.fileSize()) {
        engine.list(first, position, Long.MAX_VALUE);
        if (first.count() > 0) {
          return index.chunks() > 0 && first.begin(0) == index.chunk(0).begin();
        }
        position = first.next();
      }
      return index.chunks() == 0;
    }
  }

  private static void trySave(SavedIndexFile saved, ChunkIndex index) {
    try {
      saved.save(index);
    } catch (Throwable e) {
      // It is not what the file was opened for.
      LOGGER.log(
          Level.WARNING,
          "{0}: the index could not be saved: {1}",
          QuotedText.name(saved.path()),
          e);
    }
  }

  Path path() {
    return path;
  }

  ChunkIndex index() {
    return index;
  }

  IndexSource origin() {
    return origin;
  }

  /** Begins to decode a chunk of the index. */
  ChunkCache.Decoding decoding(Chunk chunk) throws IOException {
    try {
      return new Decoding(chunk, readers.take());
    } catch (EngineException e) {
      throw RecordFileException.of(e, Origin.of(path), 0);
    }
  }

  private final class Decoding implements ChunkCache.Decoding {
    private final Chunk chunk;
    private final SharedReader reader;
    private final NativeReader engine;
    private final long endsSize;
    private long dataSize;

    // Where a small chunk is that is decoded already.
    private @Nullable MemorySegment scratch;
    private @Nullable ChunkPlace decoded;

    Decoding(Chunk chunk, SharedReader reader) {
      this.chunk = chunk;
      this.reader = reader;
      this.engine = reader.engine();
      this.endsSize = Math.multiplyExact(chunk.records(), Long.BYTES);
    }

    @Override
    public long size() throws IOException {
      try {
        engine.seek(chunk.begin(), chunk.end());
        MemorySegment small = reader.scratch();
        if (dataBegin() > small.byteSize() || !decodeToScratch(small)) {
          findSize();
        }
      } catch (EngineException e) {
        throw failure(e);
      }
      return Math.addExact(dataBegin(), dataSize);
    }

    /** {@code false} if there is too little memory. */
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
      // A chunk has a record, and a record an end: no chunk fits into 0 bytes.
      check(step.outcome() == Outcome.TOO_SMALL, "there is no chunk of records");
      checkRecords(step);
      dataSize = step.dataSize();
    }

    private long dataBegin() {
      return Math.addExact(endsSize, ALIGNMENT - 1) & -ALIGNMENT;
    }

    @Override
    public Records decode(MemorySegment segment, long begin) throws IOException {
      long data = begin + dataBegin();
      MemorySegment small = scratch;
      ChunkPlace place = decoded;
      if (small == null || place == null) {
        place = decodeTo(segment, begin, data);
        data += place.dataOffset();
      } else {
        MemorySegment.copy(small, 0, segment, begin, endsSize);
        MemorySegment.copy(small, dataBegin() + place.dataOffset(), segment, data, dataSize);
      }
      return new Records(
          chunk.firstRecord(),
          chunk.begin(),
          place.chunkEnd(),
          Math.toIntExact(chunk.records()),
          begin,
          data,
          place.dataSize());
    }

    private ChunkPlace decodeTo(MemorySegment segment, long begin, long data) throws IOException {
      try {
        Step step =
            engine.tryNext(segment.asSlice(begin, endsSize), segment.asSlice(data, dataSize));
        checkDecoded(step);
        return step.chunk();
      } catch (EngineException e) {
        throw failure(e);
      }
    }

    private void checkDecoded(Step step) throws IOException, EngineException {
      check(step.outcome() == Outcome.CHUNK, "there is no chunk of records");
      checkRecords(step);
      ChunkPlace place = step.chunk();
      check(place.chunkBegin() == chunk.begin(), "there is no chunk of records");
      if (origin != IndexSource.HEADERS) {
        checkEnd(place.chunkEnd());
      }
    }

    private void checkRecords(Step step) throws CorruptFileException {
      long found = step.records();
      check(found == chunk.records(), "the chunk there has " + found);
    }

    /** Whether no chunk of records lies between this one and the next one that is listed. */
    private void checkEnd(long chunkEnd) throws IOException, EngineException {
      long end = chunkEnd;
      boolean last = chunk.number() == index.chunks() - 1;
      check(last || end <= chunk.end(), "the chunk there ends at byte " + end);
      if (end >= chunk.end()) {
        return; // as most chunks do: nothing is to be allocated for these
      }
      try (ChunkListing listing = new ChunkListing(1)) {
        while (end < chunk.end()) {
          engine.list(listing, end, chunk.end());
          check(listing.count() == 0, "the chunk that follows it is not listed");
          end = listing.next();
        }
      }
    }

    private void check(boolean holds, String found) throws CorruptFileException {
      if (!holds) {
        throw disagreement(found);
      }
    }

    private CorruptFileException disagreement(String found) {
      String detail =
          origin.text
              + " lists a chunk with "
              + chunk.records()
              + (chunk.records() == 1 ? " record" : " records")
              + ", but "
              + found;
      return corrupt(Damage.INDEX, chunk.begin(), detail + "; " + remedy());
    }

    private String remedy() {
      return origin == IndexSource.HEADERS
          ? "the file was changed while it was open: open it again"
          : "if the file is intact, " + origin.remedy;
    }

    private IOException failure(EngineException e) {
      if (e.kind() == EngineException.Kind.INVALID_ARGUMENT) {
        return disagreement("no chunk can begin there");
      }
      IOException failure = RecordFileException.of(e, Origin.of(path), 0);
      if (origin == IndexSource.HEADERS || !(failure instanceof CorruptFileException damaged)) {
        return failure;
      }
      String detail =
          String.valueOf(e.getMessage())
              + "; the chunk's place comes from "
              + origin.text
              + ": "
              + remedy();
      return corrupt(damaged.damage(), damaged.position(), detail);
    }

    @Override
    public void close() {
      readers.give(reader);
    }
  }

  private CorruptFileException corrupt(Damage damage, long position, String detail) {
    String message = QuotedText.name(path) + ": byte " + position + ": " + detail;
    return new CorruptFileException(Origin.of(path), damage, position, 0, message);
  }

  /** Saves the index; returns where. */
  Path saveIndex() throws IOException {
    saved.save(index);
    return saved.path();
  }

  /** Waits until nobody reads, and closes the file. */
  @Override
  public void close() {
    readers.close();
  }
}

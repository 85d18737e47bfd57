package io.disky.random;

import io.disky.engine.ChunkPick;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.StackProof;
import io.disky.fetching.Announcement;
import io.disky.random.SharedReaders.SharedReader;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An open file of a sequence of files, with an index of its chunks. Thread-safe. */
public final class IndexedFile implements ChunkCache.Source, AutoCloseable {
  /** The largest size of a chunk in the file that is quick to read, in bytes. */
  private static final long QUICK = 16 << 10;

  private final FileLocation location;
  private final @Nullable RemoteBytes remote;
  private final SharedReaders readers;
  private final FileIndex index;
  private final boolean lacksFooter;
  private final SavedIndexFile saved;
  private final IndexFailures failures;
  private final long firstRecord;
  private final long firstChunk;

  // A pick is useless if it reads nothing, as in a file of transposed chunks.
  private final Usefulness picks = new Usefulness();

  // It is useless to read a compressed chunk without the cache.
  private final Usefulness uncached = new Usefulness();

  private IndexedFile(
      FileLocation location,
      FileLocation.Opened opened,
      FileIndex index,
      boolean lacksFooter,
      SavedIndexFile saved,
      IndexFailures failures,
      @Nullable IndexedFile before) {
    this.location = location;
    this.remote = opened.remote();
    this.readers = new SharedReaders(opened.engine(), opened.engine().name());
    this.index = index;
    this.lacksFooter = lacksFooter;
    this.saved = saved;
    this.failures = failures;
    this.firstRecord =
        before == null ? 0 : Math.addExact(before.firstRecord, before.index().records());
    this.firstChunk =
        before == null ? 0 : Math.addExact(before.firstChunk, before.index().chunks());
  }

  /**
   * Opens the file at {@code location}, and finds or makes its index.
   *
   * @param settings how to read the file, and where its index may come from
   * @param files reads and writes saved indexes
   * @param failures makes exceptions for failures of this file
   * @param callbacks the user's code that the reader of the sequence is calling
   * @param before the file before it in the sequence; {@code null} if it is the first
   */
  static IndexedFile open(
      FileLocation location,
      RandomAccessSettings settings,
      IndexRecordFiles files,
      IndexFailures failures,
      Callbacks callbacks,
      @Nullable IndexedFile before)
      throws IOException {
    FileLocation.Opened opened = null;
    boolean complete = false;
    try {
      opened = location.open(settings.reading(), callbacks);
      SavedIndexFile saved =
          new SavedIndexFile(
              location, opened.version(), settings.directory(), settings.reading(), files);
      FileIndex index = FileIndex.find(opened, settings, saved, callbacks);
      RemoteBytes remote = opened.remote();
      if (remote != null) {
        remote.source().opened();
      }
      boolean lacksFooter = settings.footer() && index.source() != IndexSource.FOOTER;
      IndexedFile file =
          new IndexedFile(location, opened, index, lacksFooter, saved, failures, before);
      complete = true;
      return file;
    } catch (EngineException e) {
      throw failures.exception(e);
    } finally {
      if (opened != null && !complete) {
        opened.engine().close();
      }
    }
  }

  /** How many records of the sequence are before this file. */
  public long firstRecord() {
    return firstRecord;
  }

  /** How many chunks of the sequence are before this file. */
  long firstChunk() {
    return firstChunk;
  }

  /** The number of the chunk in this file that has a record of the sequence. */
  long chunkOf(long record) {
    return index().chunkOf(record - firstRecord);
  }

  /** The key of a chunk in the cache: how many chunks of the sequence are before it. */
  long key(long chunk) {
    return firstChunk + chunk;
  }

  IndexFailures failures() {
    return failures;
  }

  public FileLocation location() {
    return location;
  }

  /** Whether requests read the file. */
  public boolean isRemote() {
    return remote != null;
  }

  /** The file if requests read it; else {@code null}. */
  public @Nullable RemoteBytes remote() {
    return remote;
  }

  /** An announcement of chunks that will be read soon. Requests must read the file. */
  Announcement announcement() {
    RemoteBytes file = remote;
    if (file == null) {
      throw new IllegalStateException("not a remote file");
    }
    return new Announcement(file.file());
  }

  /** Ends calls that wait for bytes of a remote file; they throw an exception. Does not wait. */
  void stop() {
    RemoteBytes file = remote;
    if (file != null) {
      file.file().stop();
    }
  }

  public ChunkIndex index() {
    return index.chunks();
  }

  /** From which part of the file its index was made. */
  public IndexSource indexSource() {
    return index.source();
  }

  /** Whether the file was searched for the footer of an ArrayRecord, and has no usable one. */
  public boolean lacksFooter() {
    return lacksFooter;
  }

  /** Begins to decode the chunk with this number. */
  @Override
  public ChunkCache.Decoding decoding(long chunk) throws IOException {
    try {
      return new ChunkDecoding(index, chunk, firstRecord, readers, failures);
    } catch (EngineException e) {
      throw failures.exception(e);
    }
  }

  /** The readers of this file. */
  SharedReaders readers() {
    return readers;
  }

  /** Takes a reader, which the caller gives back to {@link #readers()}. */
  SharedReader takeReader() throws IOException {
    try {
      return readers.take();
    } catch (EngineException e) {
      throw failures.exception(e);
    }
  }

  /**
   * Whether reading a chunk takes so little time that putting it into the cache would be a
   * considerable part of it: a small chunk of one record in a local file, likely not compressed.
   */
  boolean isQuick(long chunk) {
    ChunkIndex.Entry entry = index().entry(chunk);
    return entry.records() == 1
        && entry.end() - entry.begin() <= QUICK
        && remote == null
        && picks.isLikely()
        && uncached.isLikely();
  }

  /**
   * Reads a chunk that {@linkplain #isQuick is quick to read}. Returns a copy of its record; {@code
   * null} if the chunk is unusual in any way: the cache must decode it, and returns its record or
   * the failure.
   */
  byte @Nullable [] onlyRecord(long chunk) throws IOException {
    StackProof.require();
    SharedReader reader = takeReader();
    try {
      return pickOnly(reader, chunk) ? reader.scratch().single().toArray(0) : null;
    } finally {
      readers.give(reader);
    }
  }

  /**
   * Does the same as {@link #onlyRecord}, but leaves the record in memory that the caller gives
   * back to {@link #readers()}.
   */
  @Nullable Scratch onlyRecordInScratch(long chunk) throws IOException {
    StackProof.require();
    SharedReader reader = takeReader();
    try {
      return pickOnly(reader, chunk) ? reader.takeScratch() : null;
    } finally {
      readers.give(reader);
    }
  }

  private boolean pickOnly(SharedReader reader, long chunk) throws IOException {
    ChunkIndex.Entry entry = index().entry(chunk);
    ChunkPick pick = reader.scratch().single(entry.begin(), entry.end());
    if (pick(reader, pick) == 0) {
      return false;
    }
    // A record that was decompressed is after the bytes of the chunk.
    uncached.add(pick.offset(0) < entry.end() - entry.begin());
    return true;
  }

  /** Reads single records of chunks as {@link NativeReader#pick} does. */
  int pick(ChunkPick pick) throws IOException {
    SharedReader reader = takeReader();
    try {
      return pick(reader, pick);
    } finally {
      readers.give(reader);
    }
  }

  private int pick(SharedReader reader, ChunkPick pick) throws IOException {
    try {
      int chunks = reader.engine().pick(pick);
      picks.add(chunks > 0);
      return chunks;
    } catch (EngineException e) {
      throw failures.exception(e);
    }
  }

  /** Whether {@link #pick} is worth a call. */
  boolean mayPick() {
    return picks.isLikely();
  }

  /** Saves the index; returns where. */
  public Path saveIndex() throws IOException {
    saved.save(index.chunks());
    return saved.path();
  }

  /** Waits until no thread reads, and closes the file. */
  @Override
  public void close() {
    readers.close();
  }
}

package io.disky;

import io.disky.IndexedFiles.Place;
import io.disky.engine.Engine;
import io.disky.files.Origin;
import io.disky.files.QuotedText;
import io.disky.memory.ArenaMemory;
import io.disky.memory.MemoryFault;
import io.disky.random.ChunkIndex;
import io.disky.random.IndexWalk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Finds records by their number, from 0 on: in one file, or in several that are one sequence.
 *
 * {@snippet :
 * try (RandomAccessReader reader = RandomAccessReader.open(path)) {
 *   byte[] last = reader.get(reader.size() - 1);
 * }
 * }
 *
 * <p>A record is found by an index of the chunks: the footer of an ArrayRecord, an index that was
 * saved beside the file, or one that is made when the file is opened, from the chunk headers alone.
 * To get a record is to read and decode its chunk, unless that is in the cache; every byte has
 * passed the chunk's hash. Files for random access are best written with small chunks, or as an
 * ArrayRecord of small groups.
 *
 * <p><b>Which way to read.</b> {@link #get(long, Arena)} copies one record. {@link #batch} gives
 * neighbouring ones without a copy. {@link #getAll} and {@link #visitAll} take many at once,
 * wherever they are: each chunk is decoded once, on several threads where there are many.
 *
 * <p><b>Memory.</b> Decoded chunks are kept in a {@linkplain RandomAccessOptions#withCacheSize
 * bounded cache}; the index takes 4 to 16 bytes for each chunk. Beyond that a chunk takes memory
 * only while it is in use and either larger than a share of the cache or met when all others are in
 * use. A file descriptor is open for each file.
 *
 * <p><b>Lifetime.</b> What was copied lives as long as the caller's arena; a {@link RecordRange}
 * until it is closed. Nothing that a program does with a record crashes the JVM, or shows the bytes
 * of another one.
 *
 * <p><b>Threads.</b> A reader may be used by any number of threads at once, virtual ones too, and
 * closed by any. Threads that want the same chunk wait for one of them to decode it. Visitors and
 * arenas may use the reader that calls them, and close it: that call then throws an {@link
 * IllegalStateException}, unless it has all records already.
 *
 * <p><b>Failures.</b> Reading throws what {@link RecordReader} throws, for the records of the chunk
 * that is damaged: others can still be had. An index that disagrees with the file is a {@link
 * CorruptFileException} with {@link CorruptFileException.Damage#INDEX}, whose message says how to
 * do without it. To skip damage would change the numbers of records, so {@link
 * CorruptionStrategy#RECOVER} is refused; so is following a file that grows: records that are
 * appended later are seen by readers that are opened later.
 *
 * <p>A reader that is forgotten is closed once the garbage collector finds it, which the logger
 * {@code io.disky} reports.
 */
public final class RandomAccessReader implements AutoCloseable {
  private final IndexedFiles files;
  private final RandomAccessOptions options;
  private final Cleaner.Cleanable cleanable;

  private RandomAccessReader(IndexedFiles files, RandomAccessOptions options) {
    this.files = files;
    this.options = options;
    this.cleanable = files.closeWith(this);
  }

  /**
   * Opens the file at {@code path} with {@link RandomAccessOptions#defaults()}. Throws as {@link
   * #open(List, RandomAccessOptions)} does.
   */
  public static RandomAccessReader open(Path path) throws IOException {
    return open(path, RandomAccessOptions.defaults());
  }

  /** Opens the file at {@code path}. Throws as {@link #open(List, RandomAccessOptions)} does. */
  public static RandomAccessReader open(Path path, RandomAccessOptions options) throws IOException {
    return open(List.of(path), options);
  }

  /**
   * Opens files with {@link RandomAccessOptions#defaults()}. Throws as {@link #open(List,
   * RandomAccessOptions)} does.
   */
  public static RandomAccessReader open(List<Path> paths) throws IOException {
    return open(paths, RandomAccessOptions.defaults());
  }

  /**
   * Opens shards that are files, as one sequence. Throws as {@link #open(List,
   * RandomAccessOptions)} does.
   *
   * @throws IllegalArgumentException also if a shard is not a file
   */
  public static RandomAccessReader open(Shards shards, RandomAccessOptions options)
      throws IOException {
    return open(shards.list().stream().map(RandomAccessReader::file).toList(), options);
  }

  private static Path file(Shard shard) {
    if (shard instanceof FileShard file) {
      return file.path();
    }
    throw new IllegalArgumentException(
        "random access is to files, which this is not: " + QuotedText.name(shard.name()));
  }

  /**
   * Opens files as one sequence: the records of the first one, then those of the second one, and so
   * on. Sizes are taken now, and indexes are found or made, which for a large file without one
   * takes a while.
   *
   * @throws IllegalArgumentException if {@code paths} is empty, or the {@linkplain
   *     RandomAccessOptions#readerOptions() reader's options} say to recover, to follow or to read
   *     a range
   * @throws CorruptFileException if chunk headers are damaged where they have to be walked
   * @throws java.io.InterruptedIOException if the thread is interrupted while chunk headers are
   *     walked; it stays interrupted
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws java.nio.file.AccessDeniedException if it must not be read
   * @throws java.nio.file.FileSystemException if it is a directory, or cannot be opened for another
   *     reason
   * @throws UnsupportedOperationException if a path is not in the default file system
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RandomAccessReader open(List<Path> paths, RandomAccessOptions options)
      throws IOException {
    return open(paths, options, IndexWalk.MIN_PART);
  }

  /** With another size of the parts of a file that are walked at once. */
  static RandomAccessReader open(List<Path> paths, RandomAccessOptions options, long minPart)
      throws IOException {
    List<Path> all = List.copyOf(paths);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no files were given");
    }
    check(options.readerOptions());
    Engine.ensureLoaded();
    List<IndexedFile> opened = new ArrayList<>();
    boolean complete = false;
    try {
      for (Path path : all) {
        opened.add(IndexedFile.open(path, options, minPart));
      }
      IndexedFiles files = new IndexedFiles(List.copyOf(opened), options);
      complete = true;
      return new RandomAccessReader(files, options);
    } finally {
      if (!complete) {
        opened.forEach(IndexedFile::close);
      }
    }
  }

  private static void check(ReaderOptions options) {
    if (options.corruptionStrategy() == CorruptionStrategy.RECOVER) {
      throw new IllegalArgumentException(
          "random access does not recover: to skip damage would change the numbers of the records"
              + " behind it; write what is intact to another file first ('disky recover')");
    }
    if (options.follow()) {
      throw new IllegalArgumentException(
          "random access does not follow a file: open it again to see what was appended");
    }
    if (options.rangeBegin() != 0 || options.rangeEnd() != Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "random access is to a whole file, whose records have numbers, not to a range of it");
    }
  }

  /** Number of records. */
  public long size() {
    return files.size();
  }

  /** The files, in order. */
  public List<Path> paths() {
    return files.files().stream().map(IndexedFile::path).toList();
  }

  /** Says whether the reader is open. */
  public boolean isOpen() {
    return !files.isClosed();
  }

  /**
   * Copies a record to {@code arena}.
   *
   * @param index the record's number
   * @return the copy, which may be written to
   * @throws MemoryFaultException if the arena's memory is that of a mapped file that was truncated
   * @throws IndexOutOfBoundsException if there is no such record
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader or the arena is closed
   * @throws IllegalArgumentException if {@code arena} gives other memory than it was asked for
   * @throws WrongThreadException if {@code arena} is confined to another thread
   */
  public MemorySegment get(long index, Arena arena) throws IOException {
    Objects.requireNonNull(arena, "arena");
    check(index);
    try {
      return files.read(index, (chunk, inChunk) -> copy(chunk, inChunk, arena));
    } catch (MemoryFault e) {
      throw MemoryFaultException.of(e, Origin.of(find(index).file().path()));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static MemorySegment copy(CachedChunk chunk, int inChunk, Arena arena)
      throws MemoryFault {
    long size = chunk.size(inChunk);
    MemorySegment copy = ArenaMemory.allocate(arena, size, 1);
    chunk.copy(inChunk, copy, 0, size);
    return copy;
  }

  /**
   * Copies a record to the Java heap.
   *
   * @param index the record's number
   * @throws IndexOutOfBoundsException if there is no such record
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader is closed, or the record is larger than an array
   *     can be: {@link #get(long, Arena)} takes it
   */
  public byte[] get(long index) throws IOException {
    check(index);
    try {
      return files.read(index, CachedChunk::toArray);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void check(long index) {
    files.checkOpen();
    Objects.checkIndex(index, files.size());
  }

  private Place find(long index) {
    check(index);
    return files.find(index);
  }

  /**
   * The records from {@code from} to before {@code to}, without a copy. All chunks that hold them
   * are decoded now and stay in memory until the range is closed, beyond the size of the cache if
   * they have to: for more than a few chunks ask for one range after the other, or use a {@link
   * RecordReader}, which reads on faster.
   *
   * @throws IndexOutOfBoundsException if not all of them are there, or {@code from} is behind
   *     {@code to}
   * @throws IllegalArgumentException if there are more than {@link Integer#MAX_VALUE} of them
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader is closed
   */
  public RecordRange batch(long from, long to) throws IOException {
    files.checkOpen();
    Objects.checkFromToIndex(from, to, files.size());
    if (to - from > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a range of " + (to - from) + " records");
    }
    List<RecordBatch> batches = new ArrayList<>();
    boolean complete = false;
    try {
      int before = 0;
      long next = from;
      while (next < to) {
        Place place = files.find(next);
        before = next == from ? (int) (from - place.firstRecord()) : before;
        batches.add(files.batch(files.pin(place)));
        next = place.end();
      }
      complete = true;
      return RecordRange.of(
          from, (int) (to - from), batches.stream().map(RecordBatch::chunk).toList(), before);
    } finally {
      if (!complete) {
        batches.forEach(RecordBatch::close);
      }
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Copies records to {@code arena}. Each chunk is decoded once, whatever the order of the numbers.
   *
   * @param indices the records' numbers, in any order
   * @return the copies, in the order of {@code indices}; a number that is there several times has
   *     one copy
   * @throws MemoryFaultException if the arena's memory is that of a mapped file that was truncated
   * @throws IndexOutOfBoundsException if there is no such record; then nothing is read
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader or the arena is closed
   * @throws IllegalArgumentException if {@code arena} gives other memory than it was asked for
   * @throws WrongThreadException if {@code arena} is confined to another thread
   */
  public List<MemorySegment> getAll(long[] indices, Arena arena) throws IOException {
    Objects.requireNonNull(arena, "arena");
    long[] records = Arrays.stream(indices).sorted().distinct().toArray();
    MemorySegment[] copies = new MemorySegment[records.length];
    forEachGroup(
        records,
        (group, chunk) -> {
          try {
            copy(group, chunk, records, copies, arena);
          } catch (MemoryFault e) {
            throw MemoryFaultException.of(e, Origin.of(group.place().file().path()));
          }
        });
    MemorySegment[] asked = new MemorySegment[indices.length];
    for (int i = 0; i < asked.length; i++) {
      asked[i] = copies[Arrays.binarySearch(records, indices[i])];
    }
    return List.of(asked);
  }

  private static void copy(
      ScatteredRead.Group group,
      CachedChunk chunk,
      long[] records,
      MemorySegment[] copies,
      Arena arena)
      throws MemoryFault {
    long total = 0;
    for (int i = group.from(); i < group.to(); i++) {
      total += chunk.size((int) (records[i] - group.place().firstRecord()));
    }
    MemorySegment memory = ArenaMemory.allocate(arena, total, 1);
    long at = 0;
    for (int i = group.from(); i < group.to(); i++) {
      int inChunk = (int) (records[i] - group.place().firstRecord());
      long size = chunk.size(inChunk);
      chunk.copy(inChunk, memory, at, size);
      copies[i] = memory.asSlice(at, size);
      at += size;
    }
  }

  /**
   * Calls {@code visitor} with records, on this thread, in ascending order of their numbers and
   * without a copy. Each chunk is decoded once. A number that is there several times is visited as
   * often.
   *
   * @param indices the records' numbers, in any order
   * @throws IndexOutOfBoundsException if there is no such record; then none is visited
   * @throws IOException if reading fails
   * @throws X if the visitor throws it
   * @throws IllegalStateException if this reader is closed, by the visitor too
   */
  public <X extends Throwable> void visitAll(long[] indices, IndexedRecordVisitor<X> visitor)
      throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    long[] records = indices.clone();
    Arrays.sort(records);
    this.<X>forEachGroup(
        records,
        (group, chunk) -> {
          // The pin is its caller's.
          try (RecordBatch batch = chunk.batch(_ -> {})) {
            for (int i = group.from(); i < group.to(); i++) {
              files.checkOpen();
              int inChunk = (int) (records[i] - group.place().firstRecord());
              visitor.visit(records[i], batch.get(inChunk));
            }
          }
        });
  }

  private <X extends Throwable> void forEachGroup(
      long[] records, ScatteredRead.GroupVisitor<X> visitor) throws IOException, X {
    files.checkOpen();
    if (records.length == 0) {
      return;
    }
    Objects.checkIndex(records[0], files.size());
    Objects.checkIndex(records[records.length - 1], files.size());
    try {
      new ScatteredRead(files, records, options.parallelism()).forEach(visitor);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The file that has a record.
   *
   * @throws IndexOutOfBoundsException if there is no such record
   * @throws IllegalStateException if this reader is closed
   */
  public Path path(long index) {
    return find(index).file().path();
  }

  /**
   * The position of a record in {@linkplain #path(long) its file}, where {@link RecordReader#seek}
   * finds it.
   *
   * @throws IndexOutOfBoundsException if there is no such record
   * @throws IllegalStateException if this reader is closed
   */
  public RecordPosition position(long index) {
    Place place = find(index);
    return new RecordPosition(place.chunk().begin(), index - place.firstRecord());
  }

  /**
   * The number of the record at a position.
   *
   * @param file which one of {@link #paths()}
   * @throws IndexOutOfBoundsException if there is no such file
   * @throws IllegalArgumentException if no record is at that position
   * @throws IllegalStateException if this reader is closed
   */
  public long index(int file, RecordPosition position) {
    files.checkOpen();
    Objects.checkIndex(file, files.files().size());
    IndexedFile found = files.files().get(file);
    ChunkIndex.Chunk chunk = found.index().at(position.chunkBegin());
    if (chunk == null || position.recordIndex() >= chunk.records()) {
      throw new IllegalArgumentException(
          "no record of " + QuotedText.name(found.path()) + " is at " + position);
    }
    return files.firstRecord(file) + chunk.firstRecord() + position.recordIndex();
  }

  /**
   * Saves the index of each file beside it, or in the {@linkplain
   * RandomAccessOptions#withIndexDirectory directory} for it, in the place of one that is there. A
   * reader finds either the old index or the new one, whole. It is used as long as the file is not
   * changed.
   *
   * @return where the indexes are, in the order of {@link #paths()}
   * @throws IOException if one cannot be written
   * @throws IllegalStateException if this reader is closed
   */
  public List<Path> saveIndex() throws IOException {
    files.checkOpen();
    List<Path> saved = new ArrayList<>();
    for (IndexedFile file : files.files()) {
      saved.add(file.saveIndex());
    }
    return saved;
  }

  /** How many chunks were decoded. */
  long decodes() {
    return files.cache().decodes();
  }

  /** How much memory there is for decoded chunks, in bytes. */
  long chunkMemory() {
    return files.cache().memory();
  }

  /** What the index of a file was made from. */
  IndexedFile.IndexSource indexSource(int file) {
    return files.files().get(file).origin();
  }

  /**
   * Closes the files and lets the cache go. Waits for chunks that other threads are decoding; what
   * they do next throws {@link IllegalStateException}. Ranges live on until they are closed. If the
   * reader is closed, or another thread is closing it, waits for that alone.
   */
  @Override
  public void close() {
    files.remembered();
    cleanable.clean();
    // Another thread may have been first.
    files.awaitEnd();
  }
}

package io.disky;

import io.disky.CorruptFileException.Damage;
import io.disky.engine.Engine;
import io.disky.engine.EngineException;
import io.disky.files.Origin;
import io.disky.memory.DecodedChunk;
import io.disky.memory.MemoryFault;
import io.disky.memory.MemoryLoan;
import io.disky.random.AnnouncedChunks;
import io.disky.random.ChunkIndex;
import io.disky.random.FileLocation;
import io.disky.random.IndexFailures;
import io.disky.random.IndexSource;
import io.disky.random.IndexWalk;
import io.disky.random.IndexedChunk;
import io.disky.random.IndexedFile;
import io.disky.random.IndexedFiles;
import io.disky.random.ReaderFiles;
import io.disky.random.ScatteredRead;
import io.disky.remote.RemoteFile;
import io.disky.threads.StackRoom;
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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads records by their number, from 0 on, of one file or of several files that form one sequence.
 *
 * {@snippet :
 * try (RandomAccessReader reader = RandomAccessReader.open(path)) {
 *   byte[] last = reader.get(reader.recordCount() - 1);
 * }
 * }
 *
 * <p>The reader finds a record by an index of the chunks: the footer of an ArrayRecord, a
 * {@linkplain SavedIndex saved index}, or an index that it makes from the chunk headers when it is
 * opened. To get a record, it reads and decodes the chunk of the record, unless that is in the
 * cache; it checks the hash of each chunk that it reads. For random access, write files with small
 * chunks, or as ArrayRecord with small groups.
 *
 * <p><b>Which method to use.</b>
 *
 * <ul>
 *   <li>{@link #get(long, Arena)} and {@link #get(long)} copy one record.
 *   <li>{@link #batch} returns neighbouring records without a copy.
 *   <li>{@link #getAll} and {@link #visitAll} take many records at once, in any order: each chunk
 *       is decoded once, and several threads decode if there are many chunks. They are faster than
 *       a loop over {@code get} if chunks are not in the cache.
 * </ul>
 *
 * <p><b>Memory.</b> Decoded chunks are kept in a {@linkplain RandomAccessOptions#withCacheSize
 * bounded cache}; the index takes 4 to 16 bytes for each chunk. A chunk takes memory in addition
 * only while it is in use, and only if it is larger than a share of the cache, or if all other
 * chunks of the cache were in use when it was decoded. A call of {@link #getAll} or {@link
 * #visitAll} whose chunks do not fit into the cache takes up to 16 MiB for the chunks that it reads
 * together; all calls together take up to 64 MiB for chunks that are decoded ahead. One file
 * descriptor is open for each file.
 *
 * <p><b>Lifetime.</b> A copy lives as long as the caller's arena, a {@link RecordRange} until it is
 * closed. Whatever a program does with a record, the JVM does not crash, and the program does not
 * see the bytes of another record.
 *
 * <p><b>Threads.</b> Any number of threads may use a reader at the same time, virtual threads too,
 * and any thread may close it. Threads that need the same chunk wait for one of them to decode it,
 * unless the chunk is {@linkplain RandomAccessOptions#withCacheSize not put into the cache}.
 * Visitors and arenas may use the reader that calls them, and may close it: the call then throws an
 * {@link IllegalStateException}, unless it already has all records. A {@link RemoteFile} must not
 * use the reader that calls it, and gets an {@link IllegalStateException} if it does.
 *
 * <p><b>Failures.</b> If the data of a chunk is damaged, reading a record of that chunk throws the
 * exceptions of {@link RecordReader}; records of other chunks can still be read. If a chunk header
 * or the file signature is damaged, or the end of the file is missing, opening throws a {@link
 * CorruptFileException}. With a saved index or the footer of an ArrayRecord, a damaged chunk header
 * costs the records of that chunk only. {@code disky recover} copies the intact records to a new
 * file. If an index disagrees with the file, the exception is a {@link CorruptFileException} with
 * {@link CorruptFileException.Damage#INDEX}, and its message says how to open the file without that
 * index. Skipping damage would change the numbers of records, so {@link CorruptionStrategy#RECOVER}
 * is refused. Following a file is refused, too: a reader does not see records that are appended
 * after it was opened.
 *
 * <p>A forgotten reader is closed after the garbage collector finds it; the logger {@code io.disky}
 * reports that.
 */
public final class RandomAccessReader implements AutoCloseable {
  private final IndexedFiles files;
  private final Cleaner.Cleanable cleanable;

  private RandomAccessReader(IndexedFiles files) {
    this.files = files;
    ReaderFiles.set(reader -> ((RandomAccessReader) reader).files);
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
   * Opens shards that are files as one sequence, with {@link RandomAccessOptions#defaults()}.
   * Throws as {@link #open(Shards, RandomAccessOptions)} does.
   */
  public static RandomAccessReader open(Shards shards) throws IOException {
    return open(shards, RandomAccessOptions.defaults());
  }

  /**
   * Opens shards that are files, local or remote, as one sequence, in the order of {@code shards}.
   * Throws as {@link #open(List, RandomAccessOptions)} and {@link #open(RemoteFile,
   * RandomAccessOptions)} do.
   *
   * @throws IllegalArgumentException also if a shard is not a file
   */
  public static RandomAccessReader open(Shards shards, RandomAccessOptions options)
      throws IOException {
    return open(FileLocations.of(shards, options), options, IndexWalk.MIN_PART);
  }

  /** Opens a remote file. Throws as {@link #open(RemoteFile, RandomAccessOptions)} does. */
  public static RandomAccessReader open(RemoteFile file) throws IOException {
    return open(file, RandomAccessOptions.defaults());
  }

  /**
   * Opens a remote file. With {@link Shards#ofRemote} several remote files are opened as one
   * sequence. Opening an ArrayRecord costs two requests, one for the end and one for the beginning,
   * if its footer and its last chunk fit into the end that a request reads; a {@linkplain
   * RandomAccessOptions#withRemoteIndex saved index} also costs few; without both, the headers of
   * all chunks are read. Requests are made as {@link ReaderOptions#remote()} of the {@linkplain
   * RandomAccessOptions#readerOptions() options for reading} states. {@link #getAll} and {@link
   * #visitAll} request the chunks of many records at the same time.
   *
   * @throws IllegalArgumentException as {@link #open(List, RandomAccessOptions)} throws it
   * @throws IllegalStateException if the file returns no name
   * @throws IOException if a request has failed for good; a {@link
   *     io.disky.remote.RemoteFileChangedException} if the file was replaced meanwhile
   */
  public static RandomAccessReader open(RemoteFile file, RandomAccessOptions options)
      throws IOException {
    Objects.requireNonNull(options, "options");
    return open(List.of(FileLocations.of(file, options)), options, IndexWalk.MIN_PART);
  }

  /**
   * Opens files as one sequence: the records of the first file, then those of the second file, and
   * so on. Finds or makes the index of each file. Making the index of a large file takes long,
   * because the header of each chunk is read.
   *
   * @throws IllegalArgumentException if {@code paths} is empty, or the {@linkplain
   *     RandomAccessOptions#readerOptions() options for reading} recover from damage, follow a file
   *     or read a range
   * @throws CorruptFileException if an index has to be made and a chunk header is damaged
   * @throws java.io.InterruptedIOException if the thread is interrupted while chunk headers are
   *     read; it stays interrupted
   * @throws java.nio.file.NoSuchFileException if a file does not exist
   * @throws java.nio.file.AccessDeniedException if the process may not read a file
   * @throws java.nio.file.FileSystemException if a path is a directory, or a file cannot be opened
   *     for another reason
   * @throws UnsupportedOperationException if a path is not in the default file system
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message states the
   *     reason and the remedy
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RandomAccessReader open(List<Path> paths, RandomAccessOptions options)
      throws IOException {
    return open(FileLocations.of(paths), options, IndexWalk.MIN_PART);
  }

  /**
   * Opens files; {@code minPart} is the smallest part of a local file whose chunk headers a thread
   * of its own reads, in bytes.
   */
  static RandomAccessReader open(
      List<? extends FileLocation> all, RandomAccessOptions options, long minPart)
      throws IOException {
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no files were given");
    }
    options.checkReaderOptions();
    Engine.ensureLoaded();
    return new RandomAccessReader(
        IndexedFiles.open(all, options.settings(minPart), SavedIndex.RECORD_FILES, Failures::new));
  }

  /**
   * The exceptions for failures of {@code file}.
   *
   * @param remedySought whether the remedy of damage was searched for. This is done once, because
   *     each call for a damaged chunk fails
   */
  private record Failures(Origin file, AtomicBoolean remedySought) implements IndexFailures {
    Failures(Origin file) {
      this(file, new AtomicBoolean());
    }

    @Override
    public IOException exception(EngineException failure) {
      IOException exception = RecordFileException.of(failure, file);
      return exception instanceof CorruptFileException damaged && !remedySought.getAndSet(true)
          ? damaged.withRemedy(file)
          : exception;
    }

    @Override
    public IOException exception(EngineException failure, String advice) {
      IOException exception = RecordFileException.of(failure, file);
      return exception instanceof CorruptFileException damaged
          ? corrupt(damaged.damage(), damaged.position(), failure.getMessage() + "; " + advice)
          : exception;
    }

    @Override
    public IOException exception(MemoryFault fault) {
      return MemoryFaultException.of(fault, file);
    }

    @Override
    public boolean isOfChunk(IOException failure) {
      return failure instanceof RecordFileException;
    }

    @Override
    public IOException disagreement(long position, String detail) {
      return corrupt(Damage.INDEX, position, detail);
    }

    private CorruptFileException corrupt(Damage damage, long position, String detail) {
      String message = file + ": byte " + position + ": " + detail;
      return new CorruptFileException(file, damage, position, 0, message);
    }
  }

  /** Number of records. */
  public long recordCount() {
    return files.count();
  }

  /**
   * The files, in order.
   *
   * @throws UnsupportedOperationException if a file is remote: use {@link #names()}
   */
  public List<Path> paths() {
    return files.files().stream().map(RandomAccessReader::path).toList();
  }

  private static Path path(IndexedFile file) {
    Origin origin = file.location().origin();
    return origin
        .path()
        .orElseThrow(() ->
            new UnsupportedOperationException(
                origin + " is a remote file, which has a name and no path: use names()"));
  }

  /** The names of the files, in order: paths as text, and the names of remote files. */
  public List<String> names() {
    return files.files().stream().map(file -> file.location().origin().name()).toList();
  }

  /** Returns whether the reader is open. */
  public boolean isOpen() {
    return !files.isClosed();
  }

  /**
   * Copies a record to {@code arena}.
   *
   * @param index the number of the record
   * @return the copy, which may be written to; its address is a multiple of {@link
   *     ReaderOptions#dataAlignment()} of the options for reading, 1 by default
   * @throws MemoryFaultException if the memory of {@code arena} is a mapped file that was truncated
   * @throws IndexOutOfBoundsException if {@code index} is not 0 to {@link #recordCount()} - 1
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader or the arena is closed
   * @throws IllegalArgumentException if {@code arena} returns memory of another size
   * @throws WrongThreadException if {@code arena} is confined to another thread
   */
  public MemorySegment get(long index, Arena arena) throws IOException {
    Objects.requireNonNull(arena, "arena");
    check(index);
    try {
      return files.copy(index, arena);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Copies a record to the Java heap.
   *
   * @param index the number of the record
   * @throws IndexOutOfBoundsException if {@code index} is not 0 to {@link #recordCount()} - 1
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader is closed, or the record is too large for an
   *     array: use {@link #get(long, Arena)} then
   */
  public byte[] get(long index) throws IOException {
    check(index);
    try {
      return files.bytes(index);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void check(long index) {
    files.checkOpen();
    Objects.checkIndex(index, files.count());
  }

  private IndexedChunk find(long index) {
    check(index);
    return files.find(index);
  }

  /**
   * The records {@code from} to {@code to} - 1, without a copy, at any address. This call decodes
   * all chunks that hold these records. The chunks stay in memory until the range is closed, in
   * addition to the cache if they do not fit into it. So, for more than a few chunks, take one
   * range after the other, or use a {@link RecordReader}, which is faster for records in order.
   *
   * @param from the number of the first record
   * @param to the number after that of the last record
   * @throws IndexOutOfBoundsException if {@code from} is negative or larger than {@code to}, or
   *     {@code to} is larger than {@link #recordCount()}
   * @throws IllegalArgumentException if the range has more than {@link Integer#MAX_VALUE} records
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader is closed
   */
  public RecordRange batch(long from, long to) throws IOException {
    files.enter();
    Objects.checkFromToIndex(from, to, files.count());
    if (to - from > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a range of " + (to - from) + " records");
    }
    List<RecordBatch> batches = new ArrayList<>();
    boolean complete = false;
    try (AnnouncedChunks _ = files.announce(from, to)) {
      int before = 0;
      long next = from;
      while (next < to) {
        IndexedChunk found = files.find(next);
        before = next == from ? (int) (from - found.firstRecord()) : before;
        DecodedChunk chunk = files.lend(found);
        batches.add(new RecordBatch(chunk));
        next = found.firstRecord() + chunk.count();
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
   * @param indices the numbers of the records, in any order
   * @return the copies, in the order of {@code indices}; equal numbers share one copy. Each address
   *     is a multiple of {@link ReaderOptions#dataAlignment()} of the options for reading, 1 by
   *     default
   * @throws MemoryFaultException if the memory of {@code arena} is a mapped file that was truncated
   * @throws IndexOutOfBoundsException if a number is not 0 to {@link #recordCount()} - 1; then
   *     nothing is read
   * @throws IOException if reading fails
   * @throws IllegalStateException if this reader or the arena is closed
   * @throws IllegalArgumentException if {@code arena} returns memory of another size
   * @throws WrongThreadException if {@code arena} is confined to another thread
   */
  public List<MemorySegment> getAll(long[] indices, Arena arena) throws IOException {
    Objects.requireNonNull(arena, "arena");
    long[] records = Arrays.stream(indices).sorted().distinct().toArray();
    check(records);
    MemorySegment[] copies = new MemorySegment[records.length];
    try (ScatteredRead read = files.read(records)) {
      while (read.next()) {
        read.copy(copies, arena);
      }
    } finally {
      Reference.reachabilityFence(this);
    }
    MemorySegment[] inOrder = new MemorySegment[indices.length];
    for (int i = 0; i < inOrder.length; i++) {
      inOrder[i] = copies[Arrays.binarySearch(records, indices[i])];
    }
    return List.of(inOrder);
  }

  /**
   * Calls {@code visitor} with records, in ascending order of their numbers and without a copy, at
   * any address. The visitor runs in the thread that calls this method; other threads only decode
   * chunks. Each chunk is decoded once. A record is visited as often as its number occurs.
   *
   * @param indices the numbers of the records, in any order
   * @throws IndexOutOfBoundsException if a number is not 0 to {@link #recordCount()} - 1; then no
   *     record is visited
   * @throws IOException if reading fails
   * @throws X if the visitor throws it
   * @throws IllegalStateException if this reader is closed, also by the visitor
   */
  public <X extends Throwable> void visitAll(long[] indices, IndexedRecordVisitor<X> visitor)
      throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    long[] records = indices.clone();
    Arrays.sort(records);
    check(records);
    try (ScatteredRead read = files.read(records)) {
      while (read.next()) {
        visit(read, records, visitor);
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private <X extends Throwable> void visit(
      ScatteredRead read, long[] records, IndexedRecordVisitor<X> visitor) throws X {
    try (MemoryLoan memory = read.lend()) {
      for (int i = read.from(); i < read.to(); i++) {
        files.checkOpen();
        visitor.visit(records[i], memory.slice(read.offset(i), read.size(i)));
      }
    }
  }

  /** Checks that the sequence has records with these numbers, which are ascending. */
  private void check(long[] records) {
    files.enter();
    if (records.length > 0) {
      Objects.checkIndex(records[0], files.count());
      Objects.checkIndex(records[records.length - 1], files.count());
    }
  }

  /**
   * The file that has a record.
   *
   * @param index the number of the record
   * @throws UnsupportedOperationException if the file is remote: use {@link #name(long)}
   * @throws IndexOutOfBoundsException if {@code index} is not 0 to {@link #recordCount()} - 1
   * @throws IllegalStateException if this reader is closed
   */
  public Path path(long index) {
    return path(find(index).file());
  }

  /**
   * The name of the file that has a record: its path as text, or the name of a remote file.
   *
   * @param index the number of the record
   * @throws IndexOutOfBoundsException if {@code index} is not 0 to {@link #recordCount()} - 1
   * @throws IllegalStateException if this reader is closed
   */
  public String name(long index) {
    return find(index).file().location().origin().name();
  }

  /**
   * The position of a record in {@linkplain #name(long) its file}, for {@link RecordReader#seek}.
   *
   * @param index the number of the record
   * @throws IndexOutOfBoundsException if {@code index} is not 0 to {@link #recordCount()} - 1
   * @throws IllegalStateException if this reader is closed
   */
  public RecordPosition position(long index) {
    IndexedChunk found = find(index);
    return new RecordPosition(found.entry().begin(), index - found.firstRecord());
  }

  /**
   * The number of the record at a position.
   *
   * @param file the index of the file in {@link #names()}
   * @param position a position in that file
   * @throws IndexOutOfBoundsException if {@code file} is not the index of a file
   * @throws IllegalArgumentException if the file has no record at that position
   * @throws IllegalStateException if this reader is closed
   */
  public long index(int file, RecordPosition position) {
    files.checkOpen();
    Objects.checkIndex(file, files.files().size());
    IndexedFile found = files.files().get(file);
    ChunkIndex.Entry entry = found.index().at(position.chunkBegin());
    if (entry == null || position.recordIndex() >= entry.records()) {
      throw new IllegalArgumentException(
          "no record of " + found.location().origin() + " is at " + position);
    }
    return found.firstRecord() + entry.firstRecord() + position.recordIndex();
  }

  /**
   * Saves the index of each file next to the file, or in the {@linkplain
   * RandomAccessOptions#withIndexDirectory directory for indexes}. Replaces an index that was saved
   * before, atomically: a reader finds either the old index or the complete new one. An index is
   * used until its file is changed.
   *
   * <p>The index of a remote file is saved in the directory for indexes only. It can be copied to
   * the store, for {@link RandomAccessOptions#withRemoteIndex}.
   *
   * @return the paths of the indexes, in the order of {@link #names()}
   * @throws UnsupportedOperationException if a file is remote, and {@link RandomAccessOptions} name
   *     no directory for indexes, or its {@linkplain io.disky.remote.RemoteRange#weak() version is
   *     weak}
   * @throws IOException if an index cannot be written
   * @throws IllegalStateException if this reader is closed
   */
  public List<Path> saveIndex() throws IOException {
    files.enter();
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

  /** The memory that is allocated for decoded chunks, in bytes. */
  long chunkMemory() {
    return files.cache().memory();
  }

  /** From which part of a file its index was made. */
  IndexSource indexSource(int file) {
    return files.files().get(file).indexSource();
  }

  /**
   * Closes the files and releases the memory of the cache. Calls of other threads that are in
   * progress throw an {@link IllegalStateException} whose message ends with "is closed", unless
   * they already have all of their records; this method waits for the chunks that they are
   * decoding, but not for requests to remote files, which it cancels. Later calls throw it, too. So
   * a program that replaces a reader closes the old one after the last call that uses it has
   * returned, for example with a lock. Copies stay valid as long as their arena is open, and ranges
   * until they are closed. If another thread is closing the reader, waits for that thread; if the
   * reader is closed, does nothing.
   *
   * @throws IllegalStateException if a remote file that the reader reads calls this ({@link
   *     io.disky.remote.RemoteFile} has the details); the reader stays open
   */
  @Override
  public void close() {
    StackRoom.require();
    files.checkNotCalling();
    files.remembered();
    cleanable.clean();
    // If another thread called this first, clean() has returned at once.
    files.awaitEnd();
  }

  /** The files, the number of records, and whether the reader is open, for messages. */
  @Override
  public String toString() {
    return "RandomAccessReader[files="
        + files.name()
        + ", recordCount="
        + files.count()
        + ", open="
        + isOpen()
        + "]";
  }
}

package io.disky.random;

import io.disky.engine.ChunkPick;
import io.disky.engine.StackProof;
import io.disky.fetching.ByteRange;
import io.disky.fetching.FetchedFile;
import io.disky.files.Origin;
import io.disky.memory.ArenaMemory;
import io.disky.memory.BatchBuffer;
import io.disky.memory.DecodedChunk;
import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import io.disky.threads.Callbacks;
import io.disky.threads.Closing;
import io.disky.threads.ForgottenObjects;
import io.disky.threads.Interruption;
import io.disky.threads.StackRoom;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Files as one sequence of records, with the cache and the threads of the reader of that sequence:
 * everything that is closed with the reader. This object does not refer to the reader, so that the
 * garbage collector can find a forgotten reader. Thread-safe.
 */
public final class IndexedFiles implements Runnable {
  // A look-up in the cache needs little stack once it has been linked.
  private static final StackRoom LOOKING_UP = new StackRoom();

  // The header of a chunk does not state its exact size in memory: the chunk may take a little
  // more.
  private static final long SLACK = 256;

  private final List<IndexedFile> files;

  // The remote files are the user's code, which must not use the reader that waits for it.
  private final @Nullable Callbacks callbacks;

  private final Starts firstRecords; // of the files
  private final Starts firstChunks; // of the files
  private final long records;
  private final long chunks;
  private final long decodedSize;
  private final boolean fit;
  private final int alignment;
  private final ChunkCache cache;
  private final DecodingThreads threads;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile boolean forgotten = true;

  /**
   * Opens files, and finds or makes their indexes.
   *
   * @param records reads and writes saved indexes
   * @param failures makes exceptions for failures of a file
   */
  public static IndexedFiles open(
      List<? extends FileLocation> locations,
      RandomAccessSettings settings,
      IndexRecordFiles records,
      Function<Origin, IndexFailures> failures)
      throws IOException {
    Callbacks callbacks = new Callbacks("the random access reader of " + name(locations));
    List<IndexedFile> opened = new ArrayList<>();
    boolean complete = false;
    try {
      for (FileLocation location : locations) {
        IndexedFile before = opened.isEmpty() ? null : opened.getLast();
        IndexFailures own = failures.apply(location.origin());
        opened.add(IndexedFile.open(location, settings, records, own, callbacks, before));
      }
      IndexedFiles files = new IndexedFiles(opened, settings, callbacks);
      complete = true;
      return files;
    } finally {
      if (!complete) {
        opened.forEach(IndexedFile::close);
      }
    }
  }

  private IndexedFiles(
      List<IndexedFile> files, RandomAccessSettings settings, Callbacks callbacks) {
    this.files = List.copyOf(files);
    this.callbacks = files.stream().anyMatch(IndexedFile::isRemote) ? callbacks : null;
    this.alignment = settings.alignment();
    long cacheSize = settings.cacheSize();
    this.firstRecords = new Starts(files.size(), i -> files.get(i).firstRecord());
    this.firstChunks = new Starts(files.size(), i -> files.get(i).firstChunk());
    IndexedFile last = files.getLast();
    this.records = Math.addExact(last.firstRecord(), last.index().records());
    this.chunks = Math.addExact(last.firstChunk(), last.index().chunks());
    long stated = 0;
    long size = 0;
    long largest = 0;
    for (IndexedFile file : files) {
      ChunkIndex index = file.index();
      stated = sum(stated, index.decodedSize());
      size = sum(size, sum(roomy(index.decodedSize()), SLACK * index.chunks()));
      largest = Math.max(largest, sum(roomy(index.largestDecodedSize()), SLACK));
    }
    this.decodedSize = stated;
    this.fit = size <= cacheSize;
    this.cache = new ChunkCache(Math.min(cacheSize, size), largest);
    this.threads = new DecodingThreads(settings.threads());
  }

  private static long roomy(long size) {
    return sum(size, size / 4);
  }

  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  public List<IndexedFile> files() {
    return files;
  }

  public ChunkCache cache() {
    return cache;
  }

  /** The alignment of copies of records, in bytes: a power of two. */
  int alignment() {
    return alignment;
  }

  DecodingThreads threads() {
    return threads;
  }

  /** Number of records. */
  public long count() {
    return records;
  }

  /** Number of chunks. */
  public long chunks() {
    return chunks;
  }

  /** The memory that all chunks together take when they are decoded, in bytes, as they state it. */
  public long decodedSize() {
    return decodedSize;
  }

  /** Whether the cache has room for all chunks. */
  public boolean fitIntoCache() {
    return fit;
  }

  /**
   * How many records are before a chunk. Does not search if the files have equally many chunks.
   *
   * @param chunk 0 to {@link #chunks()}; {@link #count()} for the latter
   */
  public long firstRecord(long chunk) {
    if (chunk == chunks) {
      return records;
    }
    IndexedFile file = fileOfChunk(chunk);
    return file.firstRecord() + file.index().firstRecord(chunk - file.firstChunk());
  }

  /**
   * The number of the chunk that has a record. Does not search if the files have equally many
   * records, and so the chunks of the file.
   *
   * @param record 0 to {@link #count()} - 1
   */
  public long chunkOf(long record) {
    IndexedFile file = fileOf(record);
    return file.key(file.chunkOf(record));
  }

  /**
   * An estimate of the memory that a chunk takes when it is decoded, in bytes; at least 1.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  public long likelyDecodedSize(long chunk) {
    IndexedFile file = fileOfChunk(chunk);
    return Math.max(1, file.index().likelyDecodedSize(chunk - file.firstChunk()));
  }

  /** The file that has a chunk. */
  IndexedFile fileOfChunk(long chunk) {
    return files.get(firstChunks.find(chunk));
  }

  /**
   * The chunk that has a record.
   *
   * @param record 0 to {@link #count()} - 1
   */
  public IndexedChunk find(long record) {
    IndexedFile file = fileOf(record);
    return new IndexedChunk(file, file.chunkOf(record));
  }

  /** The file that has a record. */
  private IndexedFile fileOf(long record) {
    return files.get(file(record));
  }

  /** The index of the file that has a record: the last one that begins there or before. */
  int file(long record) {
    return firstRecords.find(record);
  }

  /** The decoded chunk, pinned: {@link #unpin} takes the pin back. */
  CachedChunk pin(IndexedChunk chunk) throws IOException {
    return pin(chunk.key(), chunk.file(), chunk.number());
  }

  /** Does the same as {@link #pin(IndexedChunk)}, without an object. */
  CachedChunk pin(long key, IndexedFile file, long chunk) throws IOException {
    LOOKING_UP.check();
    CachedChunk pinned = cache.pin(key, file, chunk);
    LOOKING_UP.used();
    return pinned;
  }

  /**
   * Decodes a chunk to the cache, unless the cache has it. If the contents of the chunk are at
   * fault, does nothing: whoever reads the chunk gets the failure.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   * @throws IOException if reading fails for another reason
   */
  public void decodeToCache(long chunk) throws IOException {
    enter();
    IndexedFile file = fileOfChunk(chunk);
    try {
      unpin(pin(chunk, file, chunk - file.firstChunk()));
    } catch (IOException e) {
      if (!file.failures().isOfChunk(e)) {
        throw e;
      }
    }
  }

  void unpin(CachedChunk chunk) {
    cache.unpin(chunk);
  }

  /**
   * Copies a record to memory of {@code arena}.
   *
   * @param record 0 to {@link #count()} - 1
   */
  public MemorySegment copy(long record, Arena arena) throws IOException {
    // This avoids an IndexedChunk, which the compiler might allocate, because most calls come here.
    IndexedFile file = fileOf(record);
    long number = file.chunkOf(record);
    long key = file.key(number);
    CachedChunk chunk = pinPresent(key);
    if (chunk == null && passesBy(key, file, number)) {
      Scratch scratch = file.onlyRecordInScratch(number);
      if (scratch != null) {
        return copy(scratch, file, arena);
      }
    }
    if (chunk == null) {
      chunk = pin(key, file, number);
    }
    try {
      int index = chunk.indexOf(record);
      return copy(chunk.segment(), chunk.place(index), chunk.size(index), file, arena);
    } finally {
      unpin(chunk);
    }
  }

  private MemorySegment copy(Scratch scratch, IndexedFile file, Arena arena) throws IOException {
    cache.countDecodes(1);
    try {
      ChunkPick pick = scratch.single();
      return copy(pick.data(), pick.offset(0), pick.size(0), file, arena);
    } finally {
      file.readers().give(scratch);
    }
  }

  private MemorySegment copy(
      MemorySegment from, long offset, long size, IndexedFile file, Arena arena)
      throws IOException {
    MemorySegment copy = ArenaMemory.allocate(arena, size, alignment);
    try {
      MemorySegment.copy(from, offset, copy, 0, size);
      PendingFault.raise();
      return copy;
    } catch (InternalError e) {
      throw file.failures().exception(MemoryFault.of("memory of an arena for records", e));
    }
  }

  /**
   * Copies a record to the Java heap.
   *
   * @param record 0 to {@link #count()} - 1
   */
  public byte[] bytes(long record) throws IOException {
    IndexedFile file = fileOf(record);
    long number = file.chunkOf(record);
    long key = file.key(number);
    CachedChunk chunk = pinPresent(key);
    if (chunk == null && passesBy(key, file, number)) {
      byte[] copy = file.onlyRecord(number);
      if (copy != null) {
        cache.countDecodes(1);
        return copy;
      }
    }
    if (chunk == null) {
      chunk = pin(key, file, number);
    }
    try {
      return chunk.toArray(chunk.indexOf(record));
    } finally {
      unpin(chunk);
    }
  }

  /** Whether to read a chunk that is not in the cache without putting it there. */
  private boolean passesBy(long key, IndexedFile file, long number) {
    return file.isQuick(number) && !cache.isWorthwhile(key);
  }

  private @Nullable CachedChunk pinPresent(long key) {
    LOOKING_UP.check();
    CachedChunk pinned = cache.pinPresent(key);
    LOOKING_UP.used();
    return pinned;
  }

  /** A pin that is taken back when the lent chunk is closed or forgotten. */
  private static final class Pin implements BatchBuffer.Owner, Runnable {
    private final ChunkCache cache;
    private final CachedChunk chunk;
    private Cleaner.@Nullable Cleanable cleanable;

    Pin(ChunkCache cache, CachedChunk chunk) {
      this.cache = cache;
      this.chunk = chunk;
    }

    @Override
    public void run() {
      cache.unpin(chunk);
    }

    @Override
    public void give(BatchBuffer buffer) {
      if (cleanable != null) {
        cleanable.clean();
      }
    }
  }

  /** The decoded chunk, in memory that is not used again until the result is closed. */
  public DecodedChunk lend(IndexedChunk chunk) throws IOException {
    Pin pin = new Pin(cache, pin(chunk));
    DecodedChunk lent = pin.chunk.lend(pin);
    // The chunk is registered, because every segment of a record keeps it reachable.
    pin.cleanable = ForgottenObjects.register(lent, pin);
    return lent;
  }

  /**
   * Reads records in the order of the files, several chunks at once.
   *
   * @param records numbers of records, ascending; each 0 to {@link #count()} - 1
   */
  public ScatteredRead read(long[] records) {
    return new ScatteredRead(this, records);
  }

  /** Closes these files after {@code owner} is forgotten. */
  public Cleaner.Cleanable closeWith(Object owner) {
    return ForgottenObjects.register(owner, this);
  }

  /**
   * Checks that an operation can begin.
   *
   * @throws IllegalStateException if the files are closed
   * @throws StackOverflowError if the stack has no room for an operation of several steps
   */
  public void enter() {
    checkOpen();
    StackProof.require();
  }

  /**
   * Checks that the files are open, and that the thread is not in code of a remote file, which
   * would wait for itself.
   *
   * @throws IllegalStateException if the files are closed, or the thread is in such code
   */
  public void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the random access reader of " + name() + " is closed");
    }
    checkNotCalling();
  }

  /** Whether requests read one of the files. */
  public boolean hasRemote() {
    return callbacks != null;
  }

  /**
   * Announces the chunks of the records {@code from} to {@code to} - 1, which will be read soon, to
   * the remote files that have them.
   *
   * @return withdraws the chunks that were not read when it is closed
   */
  public AnnouncedChunks announce(long from, long to) {
    AnnouncedChunks chunks = new AnnouncedChunks(this);
    if (hasRemote()) {
      long next = from;
      while (next < to) {
        IndexedChunk found = find(next);
        chunks.add(found.file(), found.number(), found.key());
        next = found.firstRecord() + found.entry().records();
      }
      chunks.flush();
    }
    return chunks;
  }

  /**
   * What it costs to request the chunks of records that are announced together.
   *
   * @param numbers ascending numbers of records from index 0 on
   * @param count how many numbers there are
   * @param known the keys of chunks that are not requested; those of the records are added
   * @param more whether other announced bytes keep the other requests busy
   */
  public FetchedFile.Cost costOf(long[] numbers, int count, Set<Long> known, boolean more) {
    WantedChunks wanted = new WantedChunks();
    wanted.find(this, numbers, count);
    long requests = 0;
    long bytes = 0;
    int next = 0;
    while (next < wanted.count()) {
      IndexedFile file = wanted.file(next);
      List<ByteRange> ranges = new ArrayList<>();
      for (; next < wanted.count() && wanted.file(next).equals(file); next++) {
        if (known.add(wanted.key(next))) {
          long chunk = wanted.number(next);
          ranges.add(new ByteRange(file.index().begin(chunk), file.index().end(chunk)));
        }
      }
      RemoteBytes remote = file.remote();
      if (remote != null) {
        FetchedFile.Cost cost = remote.file().cost(ranges, more);
        requests += cost.requests();
        bytes += cost.bytes();
      }
    }
    return new FetchedFile.Cost(requests, bytes);
  }

  /**
   * Checks that the thread is not in code of a remote file of the user.
   *
   * @throws IllegalStateException if it is
   */
  public void checkNotCalling() {
    Callbacks remote = callbacks;
    if (remote != null) {
      remote.check();
    }
  }

  /** The names of the files in messages. */
  public String name() {
    return name(files.stream().map(IndexedFile::location).toList());
  }

  private static String name(List<? extends FileLocation> files) {
    Origin first = files.getFirst().origin();
    return files.size() == 1 ? first.toString() : first + " and " + (files.size() - 1) + " more";
  }

  public boolean isClosed() {
    return closed;
  }

  /** From now on, closing is not reported as the closing of a forgotten reader. */
  public void remembered() {
    forgotten = false;
  }

  /** Waits until {@link #run()} has ended, in this thread or another one. */
  public void awaitEnd() {
    Interruption.await(ended);
  }

  /**
   * Ends calls that wait for bytes of remote files; they throw an exception. Does not wait. The
   * files must be closed all the same.
   */
  public void stop() {
    files.forEach(IndexedFile::stop);
  }

  /**
   * Closes all files, the threads and the cache. Waits for chunks that are being decoded, but not
   * for bytes of remote files.
   */
  @Override
  public void run() {
    try {
      closeAll();
    } finally {
      ended.countDown();
    }
  }

  private void closeAll() {
    closed = true;
    Closing closing = new Closing();
    closing.step(threads::shutdown);
    closing.step(this::stop);
    files.forEach(file -> closing.step(file::close));
    closing.step(threads::end);
    closing.step(cache::close);
    closing.step(this::report);
    closing.end();
  }

  private void report() {
    if (forgotten) {
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "The random access reader of {0} was never closed; it was closed because nothing refers to"
                  + " it any more. Use try-with-resources.",
              name());
    }
  }
}

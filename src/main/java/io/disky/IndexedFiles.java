package io.disky;

import io.disky.ChunkIndex.Chunk;
import io.disky.internal.QuotedText;
import io.disky.internal.StackRoom;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Files as one sequence of records, with the memory and the threads that a reader of it has: all
 * that is to be closed with it. Does not know that reader. Thread-safe.
 */
final class IndexedFiles implements Runnable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final Logger LOGGER = System.getLogger("io.disky");

  // Looking up what is in the cache takes little once it has been linked.
  private static final StackRoom LOOKING_UP = new StackRoom();

  /** How much memory may be pinned before its turn, by all calls together, in bytes. */
  static final long MOST_AHEAD = 64 << 20;

  // Offsets of decoded chunks cannot be told from their headers; a chunk may take a little more.
  private static final long SLACK = 256;

  private final List<IndexedFile> files;
  private final long[] firstRecords; // of each file, and the number of all
  private final long[] firstChunks;
  private final ChunkCache cache;
  private final ExecutorThreads factory = new ExecutorThreads("disky-random-access");
  private final ThreadPoolExecutor threads;
  private final AtomicLong ahead = new AtomicLong();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile boolean forgotten = true;

  /** Takes over the files. */
  IndexedFiles(List<IndexedFile> files, RandomAccessOptions options) {
    this.files = files;
    this.firstRecords = new long[files.size() + 1];
    this.firstChunks = new long[files.size() + 1];
    long size = 0;
    long largest = 0;
    for (int i = 0; i < files.size(); i++) {
      ChunkIndex index = files.get(i).index();
      firstRecords[i + 1] = Math.addExact(firstRecords[i], index.records());
      firstChunks[i + 1] = Math.addExact(firstChunks[i], index.chunks());
      size = sum(size, sum(roomy(index.decodedSize()), SLACK * index.chunks()));
      largest = Math.max(largest, sum(roomy(index.largestDecodedSize()), SLACK));
    }
    this.cache = new ChunkCache(Math.min(options.cacheSize(), size), largest);
    this.threads = threads(options.parallelism(), factory);
  }

  private static long roomy(long size) {
    return sum(size, size / 4);
  }

  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** None of them runs before it has something to do. */
  private static ThreadPoolExecutor threads(int parallelism, ExecutorThreads factory) {
    int most = Math.max(parallelism, 1);
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most,
            most,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            factory,
            // Whoever wants the result does the work.
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** A chunk of one of the files. */
  record Place(IndexedFile file, Chunk chunk, long firstRecord, long key) {
    /** The number of the record behind the chunk. */
    long end() {
      return firstRecord + chunk.records();
    }
  }

  List<IndexedFile> files() {
    return files;
  }

  ChunkCache cache() {
    return cache;
  }

  Executor threads() {
    return threads;
  }

  /** Number of records. */
  long size() {
    return firstRecords[files.size()];
  }

  /** The number of the first record of a file. */
  long firstRecord(int file) {
    return firstRecords[file];
  }

  /** The chunk that has a record which is there. */
  Place find(long record) {
    int number = file(record);
    IndexedFile file = files.get(number);
    Chunk chunk = file.index().find(record - firstRecords[number]);
    return new Place(
        file,
        chunk,
        firstRecords[number] + chunk.firstRecord(),
        firstChunks[number] + chunk.number());
  }

  /** The last file that has no record before it that is behind {@code record}. */
  private int file(long record) {
    int low = 0;
    int high = files.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firstRecords[middle] <= record) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Does something with a record. */
  @FunctionalInterface
  interface RecordFunction<T> {
    /** {@code index} is that of the record in the chunk, which is pinned meanwhile. */
    T apply(CachedChunk chunk, int index) throws IOException;
  }

  /** What {@code function} makes of a record which is there. */
  <T> T read(long record, RecordFunction<T> function) throws IOException {
    LOOKING_UP.check();
    int number = file(record);
    long inFile = record - firstRecords[number];
    // Where it lies in the file matters only if it is not in the cache.
    long key = firstChunks[number] + files.get(number).index().number(inFile);
    CachedChunk there = cache.pinIfThere(key);
    CachedChunk chunk = there != null ? there : pin(find(record));
    try {
      return function.apply(chunk, (int) (inFile - chunk.firstRecord()));
    } finally {
      cache.unpin(chunk);
      LOOKING_UP.used();
    }
  }

  /** The decoded chunk, pinned. */
  CachedChunk pin(Place place) throws IOException {
    StackRoom.require();
    return cache.pin(place.key(), () -> place.file().decoding(place.chunk()));
  }

  /** A pin that is taken back with a batch, or when that was forgotten. */
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

  /** A batch of a pinned chunk, which takes over the pin. */
  RecordBatch batch(CachedChunk chunk) {
    Pin pin = new Pin(cache, chunk);
    RecordBatch batch = chunk.batch(pin);
    pin.cleanable = CLEANER.register(batch, pin);
    return batch;
  }

  /** Has these closed once {@code owner} is forgotten. */
  Cleaner.Cleanable closeWith(Object owner) {
    return CLEANER.register(owner, this);
  }

  /** Says whether so many bytes more may be decoded ahead of their turn; then counts them. */
  boolean reserveAhead(long bytes) {
    long now = ahead.get();
    while (bytes <= MOST_AHEAD - now) {
      if (ahead.compareAndSet(now, now + bytes)) {
        return true;
      }
      now = ahead.get();
    }
    return false;
  }

  /** Takes back some of what was counted. */
  void releaseAhead(long bytes) {
    ahead.addAndGet(-bytes);
  }

  /**
   * An operation begins that has several steps.
   *
   * @throws IllegalStateException if the reader is closed
   * @throws StackOverflowError if there is no room on the stack for it
   */
  void enter() {
    checkOpen();
    StackRoom.require();
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the random access reader of " + name() + " is closed");
    }
  }

  private String name() {
    String first = QuotedText.name(files.getFirst().path());
    return files.size() == 1 ? first : first + " and " + (files.size() - 1) + " more";
  }

  boolean isClosed() {
    return closed;
  }

  /** That this is closed is no accident. */
  void remembered() {
    forgotten = false;
  }

  /** Waits until {@link #run()} is done, in whichever thread. */
  void awaitEnd() {
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes all, once. Waits for what is being decoded. */
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
    closing.step(threads::shutdownNow);
    files.forEach(file -> closing.step(file::close));
    closing.step(() -> factory.end(threads));
    closing.step(cache::close);
    closing.step(this::report);
    closing.end();
  }

  private void report() {
    if (forgotten) {
      LOGGER.log(
          Level.WARNING,
          "The random access reader of {0} was never closed; it was closed because nothing refers to"
              + " it any more. Use try-with-resources.",
          name());
    }
  }
}

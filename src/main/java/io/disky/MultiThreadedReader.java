package io.disky;

import io.disky.engine.Engine;
import io.disky.engine.StackProof;
import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import io.disky.reading.BatchSpliterator;
import io.disky.reading.ChunkSupply;
import io.disky.reading.RecordCursor;
import io.disky.reading.StrictCursor;
import io.disky.shards.Delivery;
import io.disky.shards.ReadableShard;
import io.disky.shards.ReadableShards;
import io.disky.shards.ShardFeed;
import io.disky.shards.ShardQueue;
import io.disky.shards.ShardedReading;
import io.disky.shards.ShuffledShards;
import io.disky.threads.Callbacks;
import io.disky.threads.ForgottenObjects;
import io.disky.threads.Interruption;
import io.disky.threads.OwnerThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of many shards with threads of its own, for any number of consumers.
 *
 * {@snippet :
 * MultiThreadedReaderOptions options =
 *     MultiThreadedReaderOptions.defaults().withNumShards(8).withParallelism(8);
 * try (MultiThreadedReader reader = MultiThreadedReader.open(directory, "shard", options)) {
 *   reader.stream().parallel().forEach(record -> train(record));
 * }
 * }
 *
 * <p>The reader's threads read and decode the open shards, a chunk at a time, into a queue that is
 * bounded in bytes. While the queue is full, they wait. Consumers take batches, or records one by
 * one. If the queue is empty, a consumer decodes a chunk of an open shard instead of waiting. The
 * reader hands out each record once, to one consumer.
 *
 * <p><b>Order.</b> The records of a shard come in the order of the shard. {@link
 * MultiThreadedReaderOptions#withOrder} and {@link MultiThreadedReaderOptions#withDeterministic}
 * decide how the records of different shards mix.
 *
 * <p><b>Threads.</b> Any number of threads, virtual threads too, may call every method at once. A
 * batch belongs to the thread that first touches its records: see {@link RecordBatch}. The methods
 * for single records, {@link #next()}, {@link #tryNext()} and {@link #iterator()}, take a batch for
 * the calling thread, and hand its records to this thread only. If that thread stops calling them,
 * nobody gets the rest of its batch. Threads that come and go should use {@link #nextBatch()}.
 *
 * <p><b>Callbacks.</b> Only the reader's threads call the source of shards, the shards and the
 * listeners. So consumers decode only shards that are files, and leave damage, and the end of a
 * shard, to the reader's threads. Callbacks may close the reader. If they take records from it,
 * they get an {@link IllegalStateException}. A visitor runs on the thread that visits, and may take
 * records.
 *
 * <p><b>Lifetime.</b> A batch is valid until it is closed, even after the reader was closed. A
 * record of the methods for single records is valid until the same thread calls one of them again.
 *
 * <p><b>Failures.</b> If a shard cannot be opened or read, the reader has failed. It first hands
 * out the records that were queued before the failure. After that each call that takes records
 * throws a {@link ShardException} that names the shard; a failure never looks like the end. With
 * {@link CorruptionStrategy#RECOVER} in {@link MultiThreadedReaderOptions#withReaderOptions} the
 * reader skips damage instead.
 *
 * <p>If a reader was never closed, its threads end after the garbage collector finds the reader.
 * The logger {@code io.disky} reports that. At level {@code DEBUG} it also reports each shard that
 * is opened, and each shard that was read to its end. The threads are daemon threads.
 */
public final class MultiThreadedReader implements Iterable<MemorySegment>, AutoCloseable {
  private static final String UNNAMED = "the reader of shards";

  private final String name;
  private final ShardedReading reading;
  private final ShardQueue<?, DecodedChunk> queue;
  private final Shutdown shutdown;
  private final Cleaner.Cleanable cleanable;

  // The cursors must not refer to the reader: they live as long as their threads.
  private final ThreadLocal<RecordCursor> cursors;
  private volatile boolean open = true;

  private MultiThreadedReader(ShardedReading reading, String name) {
    this.name = name;
    this.reading = reading;
    this.queue = reading.queue();
    this.cursors = ThreadLocal.withInitial(() -> cursor(reading));
    this.shutdown = new Shutdown(reading);
    this.cleanable = ForgottenObjects.register(this, shutdown);
  }

  private static RecordCursor cursor(ShardedReading reading) {
    QueueFeed feed = new QueueFeed(reading);
    OwnerThread owner = new OwnerThread("the iterator");
    int alignment = reading.buffers().alignment();
    return reading.strictLifetimes()
        ? new StrictCursor(feed, owner, alignment)
        : new RecordCursor(feed, owner, alignment);
  }

  /** Must not refer to the reader. */
  private static final class Shutdown implements Runnable {
    private final ShardedReading reading;
    private volatile boolean forgotten = true;

    Shutdown(ShardedReading reading) {
      this.reading = reading;
    }

    @Override
    public void run() {
      reading.shutDown();
      if (forgotten) {
        System.getLogger("io.disky")
            .log(
                Level.WARNING,
                "A MultiThreadedReader was never closed; it was shut down because nothing refers to it"
                    + " any more. Use try-with-resources.");
      }
    }
  }

  private record QueueFeed(ShardedReading reading) implements ChunkSupply {
    @Override
    public void checkUsable() {
      // The queue checks it when the next batch is taken.
    }

    @Override
    public @Nullable DecodedChunk next() throws IOException {
      return take(reading);
    }
  }

  /** The shards of a source, whose code is the user's. This object must not refer to the reader. */
  private record UserShards(
      ShardSource source, MultiThreadedReaderOptions options, Callbacks callbacks)
      implements ReadableShards {

    @Override
    public @Nullable ReadableShard next() throws IOException {
      var _ = ShuffledShards.takeGiven();
      Shard shard = source.next();
      ShuffledShards.Given<?> given = ShuffledShards.takeGiven();
      return shard == null ? null : new UserShard(this, shard, given);
    }

    /** The options for the reader of a shard. */
    private ReaderOptions readerOptions(String shard) {
      ReaderOptions chosen = options.readerOptions().withReadAhead(options.aheadOfShard());
      ShardListener listener = options.shardListener().orElse(null);
      return listener == null
          ? chosen
          : chosen.withSkippedRegionListener(region -> {
            chosen
                .skippedRegionListener()
                .ifPresent(
                    own -> callbacks.run("skipped-region listener", () -> own.accept(region)));
            callbacks.run("shard listener", () -> listener.skipped(shard, region));
          });
    }
  }

  /**
   * A shard, whose code is the user's.
   *
   * @param given the same shard as {@link Shards#shuffledForever} has returned it to {@code shards}
   */
  private record UserShard(UserShards shards, Shard shard, ShuffledShards.@Nullable Given<?> given)
      implements ReadableShard {

    @Override
    public String fallbackName() {
      return shard.getClass().getName();
    }

    @Override
    public String name() {
      return shard.name();
    }

    @Override
    public ShardFeed open(String name) throws IOException {
      RecordReader reader =
          Objects.requireNonNull(shard.open(shards.readerOptions(name)), "the reader of a shard");
      try {
        reader.lend();
      } catch (Throwable e) {
        reader.close();
        throw e;
      }
      return new LentReader(reader);
    }

    @Override
    public void finished(long records) {
      if (given != null) {
        given.finished(records);
      }
      shards.source().finished(shard, records);
    }
  }

  /** The reader of a shard. */
  private record LentReader(RecordReader reader) implements ShardFeed {
    @Override
    public @Nullable DecodedChunk next(BufferPool pool) throws IOException {
      return reader.decodeLent(pool, false);
    }

    @Override
    public @Nullable DecodedChunk nextAlone(BufferPool pool) throws IOException {
      return reader.decodeLent(pool, true);
    }

    @Override
    public void close() {
      reader.close();
    }
  }

  /**
   * Reads the shards of {@code directory} that are called {@code shard_0}, {@code shard_1} and so
   * on, as {@link MultiThreadedWriter#open(Path)} names them, with the default options.
   *
   * @throws java.nio.file.NoSuchFileException if the directory does not exist, or contains no such
   *     shard
   * @throws IOException if the directory cannot be read
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(Path directory) throws IOException {
    return open(directory, MultiThreadedReaderOptions.defaults());
  }

  /**
   * Reads the shards of {@code directory} that are called {@code shard_0}, {@code shard_1} and so
   * on, as {@link MultiThreadedWriter#open(Path)} names them.
   *
   * @throws java.nio.file.NoSuchFileException if the directory does not exist, or contains no such
   *     shard
   * @throws IOException if the directory cannot be read
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(Path directory, MultiThreadedReaderOptions options)
      throws IOException {
    return open(Shards.inDirectory(directory), options);
  }

  /**
   * Reads the shards of {@code directory} in numeric order, with the default options.
   *
   * @throws java.nio.file.NoSuchFileException if the directory does not exist, or contains no shard
   * @throws IOException if the directory cannot be read
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(Path directory, String prefix) throws IOException {
    return open(directory, prefix, MultiThreadedReaderOptions.defaults());
  }

  /**
   * Reads the shards of {@code directory} in numeric order: the files whose name is the prefix, an
   * underscore and a number.
   *
   * @throws java.nio.file.NoSuchFileException if the directory does not exist, or contains no shard
   * @throws IOException if the directory cannot be read
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(
      Path directory, String prefix, MultiThreadedReaderOptions options) throws IOException {
    return open(Shards.inDirectory(directory, prefix), options);
  }

  /** Reads each of {@code shards} once, with {@link MultiThreadedReaderOptions#defaults()}. */
  public static MultiThreadedReader open(Shards shards) {
    return open(shards, MultiThreadedReaderOptions.defaults());
  }

  /**
   * Reads each of {@code shards} once.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(Shards shards, MultiThreadedReaderOptions options) {
    List<Shard> list = shards.list();
    Shard first = list.getFirst();
    // The names of other shards come from the user's code, which only the reader's threads call.
    boolean named =
        first instanceof Shards.FileShard
            || first instanceof Shards.RemoteShard
            || first instanceof Shards.MemoryShard;
    String rest = list.size() == 1 ? "" : " and " + (list.size() - 1) + " more";
    return open(
        shards.inOrder(), options, named ? "the reader of " + first.name() + rest : UNNAMED);
  }

  /** Reads the shards of {@code source}, with {@link MultiThreadedReaderOptions#defaults()}. */
  public static MultiThreadedReader open(ShardSource source) {
    return open(source, MultiThreadedReaderOptions.defaults());
  }

  /**
   * Reads the shards of {@code source}, which nobody else may use from now on. The threads start at
   * once.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(ShardSource source, MultiThreadedReaderOptions options) {
    return open(source, options, UNNAMED);
  }

  private static MultiThreadedReader open(
      ShardSource source, MultiThreadedReaderOptions options, String name) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(options, "options");
    Engine.ensureLoaded();
    Callbacks callbacks = new Callbacks(name);
    ShardedReading reading =
        new ShardedReading(
            new UserShards(source, options, callbacks),
            options.settings(name),
            Shards.events(options.shardListener().orElse(null)),
            ShardException.FAILURES,
            callbacks);
    reading.start();
    return new MultiThreadedReader(reading, name);
  }

  /**
   * Takes the next batch; waits until there is one. The caller closes the batch.
   *
   * @return the batch, or {@code null} at the end of all shards
   * @throws ShardException if a shard could not be opened or read
   * @throws InterruptedIOException if the thread is interrupted while it waits; it stays
   *     interrupted
   * @throws IOException if the source of shards failed
   * @throws IllegalStateException if the reader is closed, or is closed while this waits
   */
  public @Nullable RecordBatch nextBatch() throws IOException {
    try {
      return face(take(reading));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static @Nullable DecodedChunk take(ShardedReading reading) throws IOException {
    // Otherwise a thread of the reader could wait for itself.
    reading.enter();
    try {
      return chunk(reading.take());
    } catch (InterruptedException e) {
      throw Interruption.exception(reading.name(), "waiting for records of shards", e);
    }
  }

  private static @Nullable DecodedChunk chunk(@Nullable Delivery<DecodedChunk> delivery)
      throws IOException {
    if (delivery == null) {
      return null;
    }
    if (delivery.failure() != null) {
      throw again(delivery.failure());
    }
    return delivery.batch();
  }

  private static @Nullable RecordBatch face(@Nullable DecodedChunk chunk) {
    return chunk == null ? null : new RecordBatch(chunk);
  }

  /** The same failure, with the stack trace of the current call. */
  private static IOException again(IOException failure) {
    IOException again =
        failure instanceof ShardException shard
            ? shard.again()
            : new IOException(failure.getMessage(), failure.getCause());
    for (Throwable suppressed : failure.getSuppressed()) {
      again.addSuppressed(suppressed);
    }
    return again;
  }

  /**
   * Takes the next batch if there is one now.
   *
   * @return the batch; {@code null} if there is none yet, or, if {@link #isAtEnd()} returns true,
   *     at the end of all shards
   * @throws ShardException if a shard could not be opened or read
   * @throws IOException if the source of shards failed
   * @throws IllegalStateException if the reader is closed
   */
  public @Nullable RecordBatch tryNextBatch() throws IOException {
    reading.enter();
    try {
      return face(chunk(queue.poll()));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns whether all shards were read and every batch was taken. Once true, it stays true. It is
   * false after a failure.
   */
  public boolean isAtEnd() {
    StackProof.require();
    return queue.isAtEnd();
  }

  /**
   * Takes the next record for the current thread; waits until there is one. The record is valid
   * until this thread takes another one, or closes the reader.
   *
   * @return the record, or {@code null} at the end of all shards
   * @throws ShardException if a shard could not be opened or read
   * @throws InterruptedIOException if the thread is interrupted while it waits
   * @throws IOException if the source of shards failed
   * @throws IllegalStateException if the reader is closed
   */
  public @Nullable MemorySegment next() throws IOException {
    RecordCursor cursor = cursor();
    try {
      return cursor.hasRecord() || cursor.nextChunk() ? cursor.step() : null;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Takes the next record for the current thread if there is one now. The record is valid until
   * this thread takes another one, or closes the reader.
   *
   * @return the record; {@code null} if there is none yet, or, if {@link #isAtEnd()} returns true,
   *     at the end of all shards
   * @throws ShardException if a shard could not be opened or read
   * @throws IOException if the source of shards failed
   * @throws IllegalStateException if the reader is closed
   */
  public @Nullable MemorySegment tryNext() throws IOException {
    RecordCursor cursor = cursor();
    if (!cursor.hasRecord() && cursor.upcoming() == null) {
      RecordBatch batch = tryNextBatch();
      if (batch == null) {
        return null;
      }
      cursor.putUpcoming(batch.chunk());
    }
    return next();
  }

  /** The current thread's position in its batch. */
  private RecordCursor cursor() {
    RecordCursor cursor = cursors.get();
    if (!open) {
      close(cursor);
      throw new IllegalStateException(name + " is closed");
    }
    return cursor;
  }

  private static void close(RecordCursor cursor) {
    DecodedChunk upcoming = cursor.takeUpcoming();
    if (upcoming != null) {
      upcoming.close();
    }
    cursor.close();
  }

  /**
   * The records that {@link #next()} would return, for the current thread only. All iterators of a
   * thread share one position. A record is valid until {@link Iterator#next()} is called again;
   * {@link Iterator#hasNext()} does not end it.
   *
   * @throws IllegalStateException if the reader is closed; so do the iterator's methods
   */
  @Override
  public Iterator<MemorySegment> iterator() {
    return new Records(cursor());
  }

  /** The spliterator of {@link #stream()}. */
  @Override
  public Spliterator<MemorySegment> spliterator() {
    return stream().spliterator();
  }

  /**
   * The records, as a stream that may be made parallel: one thread then processes each batch. A
   * record is valid until its thread gets the next record, so copy records that you collect.
   * Closing the stream does not close the reader.
   */
  public Stream<MemorySegment> stream() {
    return batches().flatMap(batch -> batch.stream().onClose(batch::close));
  }

  /**
   * The batches, as a stream that may be made parallel. The code that gets a batch closes it.
   * Closing the stream does not close the reader. Failures are {@link UncheckedIOException}s.
   */
  public Stream<RecordBatch> batches() {
    return StreamSupport.stream(new BatchSpliterator<>(this::nextBatch), false);
  }

  /**
   * Calls {@code visitor} with one batch after the other, and closes each batch when the visitor
   * returns. Several threads may call this at once, each with a visitor of its own.
   *
   * @throws IOException as {@link #nextBatch()} does
   * @throws X if the visitor throws it
   * @throws IllegalStateException if the reader is closed, or the visitor closes it
   */
  public <X extends Throwable> void visitBatches(BatchVisitor<X> visitor) throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    while (true) {
      try (RecordBatch batch = nextBatch()) {
        if (batch == null) {
          return;
        }
        visitor.visit(batch);
      }
    }
  }

  /** Number of records that were read and that nobody has taken yet. */
  public long queuedRecords() {
    StackProof.require();
    return queue.records();
  }

  /**
   * Size of the records that were read and that nobody has taken yet, in bytes, as {@link
   * MultiThreadedReaderOptions#withQueueSize} counts them.
   */
  public long queuedBytes() {
    StackProof.require();
    return queue.bytes();
  }

  /** The bound on {@link #queuedBytes()}. */
  public long queueSize() {
    StackProof.require();
    return queue.limit();
  }

  /**
   * Sets another bound on {@link #queuedBytes()}. Records that are queued already stay queued.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public void setQueueSize(long bytes) {
    MultiThreadedReaderOptions.checkQueueSize(bytes);
    StackProof.require();
    queue.setLimit(bytes);
  }

  /** Returns whether the reader is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Ends reading, at any moment:
   *
   * <ul>
   *   <li>Queued records are dropped. Batches that were taken stay valid.
   *   <li>Threads that wait for records get an {@link IllegalStateException}.
   *   <li>The reader's threads are interrupted, and end. Each first completes the chunk that it is
   *       decoding; so does a consumer that is decoding. This method returns after the reader's
   *       threads have ended and all shards are closed. If one of these threads calls it, from a
   *       listener or a source of shards, it does not wait.
   * </ul>
   *
   * <p>Does nothing if the reader is closed.
   */
  @Override
  public void close() {
    StackProof.require();
    open = false;
    shutdown.forgotten = false;
    cleanable.clean();
    reading.close();
    close(cursors.get());
    cursors.remove();
  }

  /** Its name, whether it is open, and how much is queued. Does not call the user's code. */
  @Override
  public String toString() {
    return "MultiThreadedReader["
        + name
        + ", open="
        + open
        + ", queuedRecords="
        + queue.records()
        + ", queuedBytes="
        + queue.bytes()
        + "]";
  }

  /** An iterator refers to the reader; a cursor does not. */
  private final class Records implements Iterator<MemorySegment> {
    private final RecordCursor cursor;

    Records(RecordCursor cursor) {
      this.cursor = cursor;
    }

    @Override
    public boolean hasNext() {
      checkOpen();
      try {
        return cursor.hasNext();
      } finally {
        Reference.reachabilityFence(MultiThreadedReader.this);
      }
    }

    @Override
    public MemorySegment next() {
      checkOpen();
      try {
        return cursor.next();
      } finally {
        Reference.reachabilityFence(MultiThreadedReader.this);
      }
    }

    private void checkOpen() {
      if (!open) {
        throw new IllegalStateException(name + " is closed");
      }
    }
  }
}

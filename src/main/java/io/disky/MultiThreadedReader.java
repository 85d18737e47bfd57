package io.disky;

import io.disky.threads.StackRoom;
import io.disky.engine.Engine;
import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import io.disky.reading.BatchSpliterator;
import io.disky.reading.ChunkSupply;
import io.disky.reading.RecordCursor;
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
import java.lang.System.Logger;
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
 * <p>Worker threads read and decode the shards that are open, a chunk at a time, into a queue that
 * is bounded in bytes; where it is full they wait. Consumers take batches, or records one by one.
 * Every record is handed out once, to one of them.
 *
 * <p><b>Order.</b> The records of a shard are in the order of the shard. How those of different
 * shards mix: {@link MultiThreadedReaderOptions#withOrder}, {@link
 * MultiThreadedReaderOptions#withDeterministic}.
 *
 * <p><b>Threads.</b> Every method may be called by any number of threads at once, virtual ones too.
 * A batch belongs to the thread that first touches its records: see {@link RecordBatch}. What goes
 * record by record, {@link #next()}, {@link #tryNext()} and {@link #iterator()}, takes a batch for
 * the thread that calls it, and hands that batch's records to this thread only: a thread that does
 * not come back keeps the rest of its batch from the others. For threads that come and go use
 * {@link #nextBatch()}.
 *
 * <p><b>Callbacks.</b> The source of shards, the shards and listeners are called on threads of the
 * reader. They can close it, but not take records from it, which is an {@link
 * IllegalStateException}. Visitors are called on the thread that visits, which may take more.
 *
 * <p><b>Lifetime.</b> A batch lives until it is closed, even when the reader was closed before. A
 * record of those methods is valid until its thread asks for another one.
 *
 * <p><b>Failures.</b> A shard that cannot be opened or read fails the reader: whoever asks gets a
 * {@link ShardException}, which names the shard, each time from then on. What was queued before it
 * is handed out first. Reading never just ends. With {@link CorruptionStrategy#RECOVER} in {@link
 * MultiThreadedReaderOptions#withReaderOptions} damage is skipped instead.
 *
 * <p>A reader that is forgotten is shut down once the garbage collector finds it, which the logger
 * {@code io.disky} reports. This logger tells of shards that are opened and read to their ends at
 * level {@code DEBUG}. The threads are daemons: they keep no JVM alive.
 */
public final class MultiThreadedReader implements Iterable<MemorySegment>, AutoCloseable {
  private static final Logger LOGGER = System.getLogger("io.disky");
  private static final String UNNAMED = "the reader of shards";

  private final String name;
  private final ShardedReading reading;
  private final ShardQueue<?, DecodedChunk> queue;
  private final Shutdown shutdown;
  private final Cleaner.Cleanable cleanable;

  // What these hold must not reach the reader: they live as long as their threads.
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
    return new RecordCursor(new QueueFeed(reading), new OwnerThread("the iterator"));
  }

  /** Must not reach the reader. */
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
        LOGGER.log(
            Level.WARNING,
            "A MultiThreadedReader was never closed; it was shut down because nothing refers to it"
                + " any more. Use try-with-resources.");
      }
    }
  }

  private record QueueFeed(ShardedReading reading) implements ChunkSupply {
    @Override
    public void checkUsable() {
      // The queue knows, and is asked next.
    }

    @Override
    public @Nullable DecodedChunk next() throws IOException {
      return take(reading);
    }
  }

  /** The shards of a source, whose code is the user's. Must not reach the reader. */
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
      ReaderOptions chosen = options.readerOptions();
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
      return reader.decodeLent(pool);
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
   * @throws java.nio.file.NoSuchFileException if there is no directory, or no such shard in it
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
   * @throws java.nio.file.NoSuchFileException if there is no directory, or no such shard in it
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
   * @throws java.nio.file.NoSuchFileException if there is no directory, or no shard in it
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
   * @throws java.nio.file.NoSuchFileException if there is no directory, or no shard in it
   * @throws IOException if the directory cannot be read
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedReader open(
      Path directory, String prefix, MultiThreadedReaderOptions options) throws IOException {
    return open(Shards.inDirectory(directory, prefix), options);
  }

  /** Reads each of {@code shards} once, with the default options; else as the next one. */
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
    // Others are the user's code, to be asked for their names by the reader's threads.
    boolean named = first instanceof Shards.FileShard || first instanceof Shards.MemoryShard;
    String rest = list.size() == 1 ? "" : " and " + (list.size() - 1) + " more";
    return open(
        shards.inOrder(), options, named ? "the reader of " + first.name() + rest : UNNAMED);
  }

  /** Reads the shards of {@code source}, with the default options; else as the next one. */
  public static MultiThreadedReader open(ShardSource source) {
    return open(source, MultiThreadedReaderOptions.defaults());
  }

  /**
   * Reads the shards of {@code source}, which must not be given to anybody else. The threads start
   * now.
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
   * Takes the next batch, and waits for it. Close it when its work is done.
   *
   * @return the batch, or {@code null} at the end of all shards
   * @throws ShardException if a shard could not be opened or read
   * @throws InterruptedIOException if the thread is interrupted while it waits; it stays
   *     interrupted
   * @throws IOException if the source of shards failed
   * @throws IllegalStateException if the reader is closed, before or meanwhile
   */
  public @Nullable RecordBatch nextBatch() throws IOException {
    try {
      return face(take(reading));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static @Nullable DecodedChunk take(ShardedReading reading) throws IOException {
    // A thread of the reader would wait for itself.
    reading.enter();
    try {
      return chunk(reading.queue().take());
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

  /** The same failure, thrown from where the caller is. */
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
   * @return the batch; {@code null} if there is none yet, or, as {@link #isAtEnd()} tells, there
   *     will be none
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
   * Says whether all shards were read and every batch was taken. Once it is so it stays so. A
   * failure is no end.
   */
  public boolean isAtEnd() {
    StackRoom.require();
    return queue.isAtEnd();
  }

  /**
   * Takes the next record for the current thread, and waits for it. It is valid until this thread
   * asks for another one, or closes the reader.
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
   * Takes the next record for the current thread if there is one now. It is valid until this thread
   * asks for another one, or closes the reader.
   *
   * @return the record; {@code null} if there is none yet, or, as {@link #isAtEnd()} tells, there
   *     will be none
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

  /** The current thread's. */
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
    cursor.release();
  }

  /**
   * The records that {@link #next()} would return, for the current thread only. Every iterator of a
   * thread moves the same position. A record is valid until {@link Iterator#next()} is called
   * again; {@link Iterator#hasNext()} leaves it alone.
   *
   * @throws IllegalStateException if the reader is closed; so do the iterator's methods
   */
  @Override
  public Iterator<MemorySegment> iterator() {
    return new Records(cursor());
  }

  /** As {@link #stream()} has it. */
  @Override
  public Spliterator<MemorySegment> spliterator() {
    return stream().spliterator();
  }

  /**
   * The records, as a stream that may be made parallel: each batch is then processed by one thread.
   * A record is valid until its thread gets to the next one, so one that is collected must be
   * copied. Closing the stream does not close the reader.
   */
  public Stream<MemorySegment> stream() {
    return batches().flatMap(batch -> batch.stream().onClose(batch::close));
  }

  /**
   * The batches, as a stream that may be made parallel: threads take them as they get to them.
   * Whatever takes a batch closes it. Closing the stream does not close the reader. Failures are
   * {@link UncheckedIOException}s.
   */
  public Stream<RecordBatch> batches() {
    return StreamSupport.stream(new BatchSpliterator<>(this::nextBatch), false);
  }

  /**
   * Calls {@code visitor} with batch after batch, and closes each when it returns. Several threads
   * may do so, each with a visitor of its own.
   *
   * @throws IOException as {@link #nextBatch()} does
   * @throws X if the visitor throws it
   * @throws IllegalStateException if the reader is closed, by the visitor too
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

  /** How many records are read and not yet taken. */
  public long queuedRecords() {
    StackRoom.require();
    return queue.records();
  }

  /**
   * How many bytes are read and not yet taken, counted as {@link
   * MultiThreadedReaderOptions#withQueueSize} says.
   */
  public long queuedBytes() {
    StackRoom.require();
    return queue.bytes();
  }

  /** The bound on what is queued in bytes. */
  public long queueSize() {
    StackRoom.require();
    return queue.limit();
  }

  /**
   * Sets another bound on what is queued, from now on. What is queued above it stays.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public void setQueueSize(long bytes) {
    MultiThreadedReaderOptions.checkQueueSize(bytes);
    StackRoom.require();
    queue.setLimit(bytes);
  }

  /** Says whether the reader is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Ends reading, at any moment. What is queued is dropped; who waits for records gets an {@link
   * IllegalStateException}; batches that were taken live on. Returns when no thread of the reader
   * is left: each ends its chunk first, or what it was interrupted in. Called by such a thread,
   * from a listener or a source of shards, it does not wait. Does nothing if the reader is closed.
   */
  @Override
  public void close() {
    StackRoom.require();
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

  /** Holds the reader, which a cursor does not. */
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

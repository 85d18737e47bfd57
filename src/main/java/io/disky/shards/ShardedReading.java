package io.disky.shards;

import io.disky.engine.StackProof;
import io.disky.files.QuotedText;
import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import io.disky.threads.Callbacks;
import io.disky.threads.Closing;
import io.disky.threads.WorkerPool;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads many shards: the threads of a reader of shards, and the state that they share. Does not
 * refer to that reader, so that the garbage collector finds a forgotten one.
 */
public final class ShardedReading {
  private static final AtomicInteger READERS = new AtomicInteger();

  /** A shard that is being read. */
  private static final class ShardInReading {
    private final ReadableShard shard;
    private final String name;
    private final ShardFeed feed;
    private long records;

    // A consumer had this failure; a thread of the reader reports it.
    private @Nullable Throwable failure;

    ShardInReading(ReadableShard shard, String name, ShardFeed feed) {
      this.shard = shard;
      this.name = name;
      this.feed = feed;
    }
  }

  // The name of the user's code in messages.
  private static final String SOURCE = "shard source";

  private static final String SHARD = "shard";
  private static final String LISTENER = "shard listener";
  private static final String LOG = "logger";

  private final ReadableShards source;
  private final String name;
  private final ShardEvents events;
  private final ShardFailures failures;
  private final Callbacks callbacks;
  private final boolean strictLifetimes;
  private final BufferPool buffers;
  private final ShardQueue<ShardInReading, DecodedChunk> queue;
  private final Set<ShardInReading> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger working;
  private final List<Thread> threads;

  /**
   * @param callbacks knows on which threads the user's code is running; the shards use it, too
   */
  public ShardedReading(
      ReadableShards source,
      ShardReadingSettings settings,
      ShardEvents events,
      ShardFailures failures,
      Callbacks callbacks) {
    this.source = source;
    this.name = settings.name();
    this.events = events;
    this.failures = failures;
    this.callbacks = callbacks;
    this.strictLifetimes = settings.strictLifetimes();
    this.buffers = new BufferPool(settings.dataAlignment());
    this.queue =
        new ShardQueue<>(
            order(settings),
            settings.shardsOpen(),
            settings.queueSize(),
            DecodedChunk::close,
            name);
    // More threads would not find a shard that no other thread is reading.
    int count = Math.min(settings.threads(), settings.shardsOpen());
    this.working = new AtomicInteger(count);
    this.threads = threads(count, this::work);
  }

  private static DeliveryOrder<ShardInReading, DecodedChunk> order(ShardReadingSettings settings) {
    boolean roundRobin =
        switch (settings.order()) {
          case DRAIN -> false;
          case ROUND_ROBIN -> true;
        };
    // A single thread reads from one shard after the other, so a slow shard holds up the others in
    // any case, and batches always come in turn. Consumers that read, too, must not change that.
    boolean inTurn = settings.deterministic() || settings.threads() == 1;
    return inTurn
        ? new TurnOrder<>(roundRobin, settings.shardsOpen())
        : new ArrivalOrder<>(roundRobin);
  }

  private static List<Thread> threads(int count, Runnable work) {
    Thread.Builder builder =
        Thread.ofPlatform().daemon().name("disky-read-" + READERS.incrementAndGet() + "-", 1);
    return Stream.generate(() -> builder.unstarted(work)).limit(count).toList();
  }

  /** The name of the reader in messages. */
  public String name() {
    return name;
  }

  /** Starts the threads. */
  public void start() {
    int started = 0;
    try {
      for (; started < threads.size(); started++) {
        threads.get(started).start();
      }
    } finally {
      if (started < threads.size()) {
        shutDown();
        ended(threads.size() - started);
      }
    }
  }

  /** Counts {@code count} threads that have ended, or will not begin. */
  private void ended(int count) {
    if (working.addAndGet(-count) == 0) {
      Closing closing = new Closing();
      open.forEach(shard -> closing.step(() -> close(shard)));
      closing.step(buffers::clear);
      closing.end();
    }
  }

  /**
   * Takes the next chunk or failure. While there is none, the current thread decodes chunks as the
   * threads of the reader do; if none can be decoded, it waits.
   *
   * @return {@code null} at the end
   * @throws IllegalStateException if the reader is closed
   */
  public @Nullable Delivery<DecodedChunk> take() throws InterruptedException {
    ShardLane<ShardInReading, DecodedChunk> lane = queue.tryHelp();
    while (lane != null) {
      help(lane);
      lane = queue.tryHelp();
    }
    return queue.take();
  }

  private void help(ShardLane<ShardInReading, DecodedChunk> lane) {
    ShardInReading shard = lane.shard();
    DecodedChunk chunk = null;
    try {
      chunk = shard.feed.nextAlone(buffers);
    } catch (Throwable e) {
      shard.failure = e;
    }
    if (chunk == null) {
      queue.needsWorker(lane);
    } else {
      shard.records += chunk.count();
      queue.helped(lane, chunk, chunk.count(), chunk.byteSize());
    }
  }

  /** The decoded chunks. */
  public ShardQueue<?, DecodedChunk> queue() {
    return queue;
  }

  private void work() {
    try {
      boolean more = true;
      while (more) {
        more = doTask(queue.awaitTask());
      }
    } catch (Throwable e) {
      // The message does not contain the text of the failure, because its toString() may be the
      // user's code and may fail, too.
      queue.failed(new IOException("reading shards failed with " + e.getClass().getName(), e));
    } finally {
      ended(1);
    }
  }

  private boolean doTask(ShardTask<ShardInReading, DecodedChunk> task) {
    return switch (task) {
      case ShardTask.Open<ShardInReading, DecodedChunk>() -> {
        openNext();
        yield true;
      }
      case ShardTask.Read<ShardInReading, DecodedChunk>(var lane) -> {
        read(lane);
        yield true;
      }
      case ShardTask.Stop<ShardInReading, DecodedChunk>() -> false;
    };
  }

  /** The user's code, which runs on a thread of the reader. */
  private interface UserCode<T extends @Nullable Object> {
    T call() throws IOException;
  }

  private <T extends @Nullable Object> T call(String callback, UserCode<T> code)
      throws IOException {
    String outer = callbacks.begin(callback);
    try {
      return code.call();
    } finally {
      callbacks.end(outer);
    }
  }

  /** Whether each record ends when the next one is requested. */
  public boolean strictLifetimes() {
    return strictLifetimes;
  }

  /** The buffers that chunks are decoded into. */
  public BufferPool buffers() {
    return buffers;
  }

  /**
   * Checks that the current thread is not a thread of the reader that is running the user's code,
   * and that its stack has room for an operation.
   *
   * @throws IllegalStateException if it is a thread of the reader: it would wait for itself
   * @throws StackOverflowError if the stack has no room
   */
  public void enter() {
    callbacks.check();
    StackProof.require();
  }

  private void openNext() {
    ReadableShard shard;
    try {
      shard = call(SOURCE, source::next);
    } catch (Throwable e) {
      queue.sourceFailed(new IOException("the source of shards failed: " + e, e));
      return;
    }
    if (shard == null) {
      queue.noMoreShards();
    } else {
      open(shard);
    }
  }

  private void open(ReadableShard shard) {
    String name = shard.fallbackName();
    ShardInReading opened = null;
    try {
      String said = Objects.requireNonNull(call(SHARD, shard::name), "the name of a shard");
      name = said;
      ShardFeed feed = call(SHARD, () -> shard.open(said));
      opened = new ShardInReading(shard, said, feed);
      open.add(opened);
      callbacks.run(
          LOG,
          () ->
              System.getLogger("io.disky")
                  .log(Level.DEBUG, "shard {0} was opened", QuotedText.name(said)));
      callbacks.run(LISTENER, () -> events.opened(said));
    } catch (Throwable e) {
      if (opened != null) {
        closeAfter(opened, e);
      }
      queue.openFailed(failure(name, e));
      return;
    }
    queue.opened(opened);
  }

  private void read(ShardLane<ShardInReading, DecodedChunk> lane) {
    ShardInReading shard = lane.shard();
    DecodedChunk chunk = null;
    Throwable failure = shard.failure;
    try {
      chunk = failure == null ? call(SHARD, () -> shard.feed.next(buffers)) : null;
      if (failure == null && chunk == null) {
        finish(shard);
      }
    } catch (Throwable e) {
      failure = e;
    }
    if (failure != null) {
      closeAfter(shard, failure);
      queue.readFailed(lane, failure(shard.name, failure));
    } else if (chunk == null) {
      queue.ended(lane);
    } else {
      shard.records += chunk.count();
      queue.read(lane, chunk, chunk.count(), chunk.byteSize());
    }
  }

  private void finish(ShardInReading shard) {
    close(shard);
    callbacks.run(
        LOG,
        () ->
            System.getLogger("io.disky")
                .log(
                    Level.DEBUG,
                    "shard {0} was read: {1} records",
                    QuotedText.name(shard.name),
                    Long.toString(shard.records)));
    callbacks.run(LISTENER, () -> events.finished(shard.name, shard.records));
    callbacks.run(SOURCE, () -> shard.shard.finished(shard.records));
  }

  /** Notifies the listener of a failure. Returns the exception that consumers get. */
  private IOException failure(String shard, Throwable cause) {
    IOException failure = failures.exception(shard, cause);
    try {
      callbacks.run(
          LOG, () -> System.getLogger("io.disky").log(Level.DEBUG, "{0}", failure.getMessage()));
      callbacks.run(LISTENER, () -> events.failed(shard, failure));
    } catch (Throwable e) {
      Closing.suppress(failure, e);
    }
    return failure;
  }

  private void closeAfter(ShardInReading shard, Throwable failure) {
    try {
      close(shard);
    } catch (Throwable e) {
      Closing.suppress(failure, e);
    }
  }

  private void close(ShardInReading shard) {
    open.remove(shard);
    callbacks.run(SHARD, shard.feed::close);
  }

  /** Ends reading without waiting. Interrupts the threads that wait in a shard or in the source. */
  public void shutDown() {
    queue.close();
    threads.forEach(Thread::interrupt);
  }

  /**
   * Ends reading, and waits for the threads to end. If one of these threads calls it, it does not
   * wait.
   */
  public void close() {
    shutDown();
    if (threads.contains(Thread.currentThread())) {
      return;
    }
    WorkerPool.join(threads);
  }
}

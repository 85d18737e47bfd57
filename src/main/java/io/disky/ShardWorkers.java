package io.disky;

import io.disky.files.QuotedText;
import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import io.disky.shards.ArrivalOrder;
import io.disky.shards.DeliveryOrder;
import io.disky.shards.ShardLane;
import io.disky.shards.ShardQueue;
import io.disky.shards.ShardTask;
import io.disky.shards.TurnOrder;
import io.disky.threads.Callbacks;
import io.disky.threads.Closing;
import io.disky.threads.WorkerPool;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a {@link MultiThreadedReader}, and what they share. Does not reach that reader, so
 * that a forgotten one can be found.
 */
final class ShardWorkers {
  private static final Logger LOGGER = System.getLogger("io.disky");
  private static final AtomicInteger READERS = new AtomicInteger();

  /**
   * A shard that is being read, and how its source calls it, if that has another one from there.
   */
  private static final class OpenShard {
    private final Shard shard;
    private final ShuffledShards.@Nullable Given given;
    private final String name;
    private final RecordReader reader;
    private long records;

    OpenShard(Shard shard, ShuffledShards.@Nullable Given given, String name, RecordReader reader) {
      this.shard = shard;
      this.given = given;
      this.name = name;
      this.reader = reader;
    }
  }

  /** What the user's code is in messages. */
  private static final String SOURCE = "shard source";

  private static final String SHARD = "shard";
  private static final String LISTENER = "shard listener";
  private static final String LOG = "logger";

  private final ShardSource source;
  private final String name;
  private final ReaderOptions readerOptions;
  private final ShardListener listener;
  private final boolean listens;
  private final Callbacks callbacks;
  private final BufferPool buffers;
  private final ShardQueue<OpenShard, RecordBatch> queue;
  private final Set<OpenShard> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger working;
  private final List<Thread> threads;

  /**
   * @param name what messages call the reader
   */
  ShardWorkers(ShardSource source, MultiThreadedReaderOptions options, String name) {
    this.source = source;
    this.name = name;
    this.callbacks = new Callbacks(name);
    this.readerOptions = options.readerOptions();
    this.buffers = new BufferPool(readerOptions.dataAlignment());
    this.listens = options.shardListener().isPresent();
    this.listener = listens ? options.shardListener().get() : new ShardListener() {};
    this.queue =
        new ShardQueue<>(
            order(options), options.numShards(), options.queueSize(), RecordBatch::close, name);
    // More could not find a shard that no other is reading.
    int count = Math.min(options.workerThreads(), options.numShards());
    this.working = new AtomicInteger(count);
    this.threads = threads(count, this::work);
  }

  private static DeliveryOrder<OpenShard, RecordBatch> order(MultiThreadedReaderOptions options) {
    boolean roundRobin = options.order() == ReadingOrder.ROUND_ROBIN;
    return options.deterministic()
        ? new TurnOrder<>(roundRobin, options.numShards())
        : new ArrivalOrder<>(roundRobin);
  }

  private static List<Thread> threads(int count, Runnable work) {
    Thread.Builder builder =
        Thread.ofPlatform().daemon().name("disky-read-" + READERS.incrementAndGet() + "-", 1);
    return Stream.generate(() -> builder.unstarted(work)).limit(count).toList();
  }

  /** What messages call the reader. */
  String name() {
    return name;
  }

  /** Starts reading. */
  void start() {
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

  /** So many threads are at their end, or will not begin. */
  private void ended(int count) {
    if (working.addAndGet(-count) == 0) {
      Closing closing = new Closing();
      open.forEach(shard -> closing.step(() -> close(shard)));
      closing.step(buffers::clear);
      closing.end();
    }
  }

  ShardQueue<?, RecordBatch> queue() {
    return queue;
  }

  private void work() {
    try {
      boolean more = true;
      while (more) {
        more = doTask(queue.awaitTask());
      }
    } catch (Throwable e) {
      // Its text is somebody's code, too, and may be what fails.
      queue.failed(new IOException("reading shards failed with " + e.getClass().getName(), e));
    } finally {
      ended(1);
    }
  }

  private boolean doTask(ShardTask<OpenShard, RecordBatch> task) {
    return switch (task) {
      case ShardTask.Open<OpenShard, RecordBatch>() -> {
        openNext();
        yield true;
      }
      case ShardTask.Read<OpenShard, RecordBatch>(var lane) -> {
        read(lane);
        yield true;
      }
      case ShardTask.Stop<OpenShard, RecordBatch>() -> false;
    };
  }

  /** Code of the user's that is called on a thread of the reader. */
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

  private void tell(String callback, Runnable code) {
    String outer = callbacks.begin(callback);
    try {
      code.run();
    } finally {
      callbacks.end(outer);
    }
  }

  /** Checks that it is not a thread of the reader, in the user's code, that asks for records. */
  void checkNoCallback() {
    callbacks.check();
  }

  private void openNext() {
    Shard shard;
    ShuffledShards.Given given;
    try {
      var _ = ShuffledShards.takeGiven();
      shard = call(SOURCE, source::next);
      given = ShuffledShards.takeGiven();
    } catch (Throwable e) {
      queue.sourceFailed(new IOException("the source of shards failed: " + e, e));
      return;
    }
    if (shard == null) {
      queue.noMoreShards();
    } else {
      open(shard, given);
    }
  }

  private void open(Shard shard, ShuffledShards.@Nullable Given given) {
    // Until it has said another one.
    String name = shard.getClass().getName();
    OpenShard opened = null;
    try {
      String said = Objects.requireNonNull(call(SHARD, shard::name), "the name of a shard");
      name = said;
      RecordReader reader = call(SHARD, () -> reader(shard, said));
      opened = new OpenShard(shard, given, said, reader);
      open.add(opened);
      tell(LOG, () -> LOGGER.log(Level.DEBUG, "shard {0} was opened", QuotedText.name(said)));
      tell(LISTENER, () -> listener.opened(said));
    } catch (Throwable e) {
      if (opened != null) {
        closeAfter(opened, e);
      }
      queue.openFailed(failure(name, e));
      return;
    }
    queue.opened(opened);
  }

  private RecordReader reader(Shard shard, String name) throws IOException {
    ReaderOptions options = readerOptions;
    if (listens) {
      options = options.withSkippedRegionListener(region -> skipped(name, region));
    }
    RecordReader reader = Objects.requireNonNull(shard.open(options), "the reader of a shard");
    try {
      reader.lend();
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
    return reader;
  }

  private void skipped(String shard, SkippedRegion region) {
    readerOptions
        .skippedRegionListener()
        .ifPresent(own -> tell("skipped-region listener", () -> own.accept(region)));
    tell(LISTENER, () -> listener.skipped(shard, region));
  }

  private void read(ShardLane<OpenShard, RecordBatch> lane) {
    OpenShard shard = lane.shard();
    RecordBatch batch = null;
    try {
      batch = next(shard);
      if (batch == null) {
        finish(shard);
      }
    } catch (Throwable e) {
      closeAfter(shard, e);
      queue.readFailed(lane, failure(shard.name, e));
      return;
    }
    if (batch == null) {
      queue.ended(lane);
    } else {
      queue.read(lane, batch, batch.count(), batch.chunk().byteSize());
    }
  }

  private @Nullable RecordBatch next(OpenShard shard) throws IOException {
    DecodedChunk chunk = call(SHARD, () -> shard.reader.decodeLent(buffers));
    shard.records += chunk == null ? 0 : chunk.count();
    return chunk == null ? null : new RecordBatch(chunk);
  }

  private void finish(OpenShard shard) {
    close(shard);
    tell(
        LOG,
        () ->
            LOGGER.log(
                Level.DEBUG,
                "shard {0} was read: {1} records",
                QuotedText.name(shard.name),
                Long.toString(shard.records)));
    tell(LISTENER, () -> listener.finished(shard.name, shard.records));
    if (shard.given != null) {
      shard.given.finished(shard.records);
    }
    tell(SOURCE, () -> source.finished(shard.shard, shard.records));
  }

  /** What a consumer is to get to know, and the listener gets to know now. */
  private IOException failure(String shard, Throwable cause) {
    ShardException failure = new ShardException(shard, cause);
    try {
      tell(LOG, () -> LOGGER.log(Level.DEBUG, "{0}", failure.getMessage()));
      tell(LISTENER, () -> listener.failed(shard, failure));
    } catch (Throwable e) {
      Closing.suppress(failure, e);
    }
    return failure;
  }

  private void closeAfter(OpenShard shard, Throwable failure) {
    try {
      close(shard);
    } catch (Throwable e) {
      Closing.suppress(failure, e);
    }
  }

  private void close(OpenShard shard) {
    open.remove(shard);
    tell(SHARD, shard.reader::close);
  }

  /** Ends reading without waiting. What waits in a shard or in the source is interrupted. */
  void shutDown() {
    queue.close();
    threads.forEach(Thread::interrupt);
  }

  /** Ends reading, and waits until no thread is left; in one of the threads itself it does not. */
  void close() {
    shutDown();
    if (threads.contains(Thread.currentThread())) {
      return;
    }
    WorkerPool.join(threads);
  }
}

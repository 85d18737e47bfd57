package io.disky;

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

  /** A shard that is being read. */
  private static final class OpenShard {
    private final Shard shard;
    private final String name;
    private final RecordReader reader;
    private long records;

    OpenShard(Shard shard, String name, RecordReader reader) {
      this.shard = shard;
      this.name = name;
      this.reader = reader;
    }
  }

  private final ShardSource source;
  private final ReaderOptions readerOptions;
  private final ShardListener listener;
  private final boolean listens;
  private final BufferPool buffers = new BufferPool();
  private final ShardQueue<OpenShard, RecordBatch> queue;
  private final Set<OpenShard> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger working;
  private final List<Thread> threads;

  ShardWorkers(ShardSource source, MultiThreadedReaderOptions options) {
    this.source = source;
    this.readerOptions = options.readerOptions();
    this.listens = options.shardListener().isPresent();
    this.listener = listens ? options.shardListener().get() : new ShardListener() {};
    this.queue =
        new ShardQueue<>(
            order(options), options.numShards(), options.queueSize(), RecordBatch::close);
    // More could not find a shard that no other is reading.
    int count = Math.min(options.workerThreads(), options.numShards());
    this.working = new AtomicInteger(count);
    this.threads = threads(count, this::work);
  }

  private static DeliveryOrder<OpenShard, RecordBatch> order(MultiThreadedReaderOptions options) {
    return options.deterministic()
        ? new TurnOrder<>(options.order(), options.numShards())
        : new ArrivalOrder<>(options.order());
  }

  private static List<Thread> threads(int count, Runnable work) {
    Thread.Builder builder =
        Thread.ofPlatform().daemon().name("disky-read-" + READERS.incrementAndGet() + "-", 1);
    return Stream.generate(() -> builder.unstarted(work)).limit(count).toList();
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

  private void openNext() {
    Shard shard;
    try {
      shard = source.next();
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

  private void open(Shard shard) {
    // Until it has said another one.
    String name = shard.getClass().getName();
    OpenShard opened = null;
    try {
      name = Objects.requireNonNull(shard.name(), "the name of a shard");
      opened = new OpenShard(shard, name, reader(shard, name));
      open.add(opened);
      LOGGER.log(Level.DEBUG, "shard {0} was opened", name);
      listener.opened(name);
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
    readerOptions.skippedRegionListener().ifPresent(own -> own.accept(region));
    listener.skipped(shard, region);
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
      queue.read(lane, batch, batch.count(), batch.byteSize());
    }
  }

  private @Nullable RecordBatch next(OpenShard shard) throws IOException {
    RecordBatch batch = shard.reader.decodeLent(buffers);
    shard.records += batch == null ? 0 : batch.count();
    return batch;
  }

  private void finish(OpenShard shard) {
    close(shard);
    LOGGER.log(
        Level.DEBUG, "shard {0} was read: {1} records", shard.name, Long.toString(shard.records));
    listener.finished(shard.name, shard.records);
    if (source instanceof ShuffledShards shuffled) {
      shuffled.finished(shard.shard, shard.records);
    }
  }

  /** What a consumer is to get to know, and the listener gets to know now. */
  private IOException failure(String shard, Throwable cause) {
    ShardException failure = new ShardException(shard, cause);
    try {
      LOGGER.log(Level.DEBUG, "{0}", failure.getMessage());
      listener.failed(shard, failure);
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
    shard.reader.close();
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

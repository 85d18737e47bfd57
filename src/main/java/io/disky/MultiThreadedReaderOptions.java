package io.disky;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link MultiThreadedReader} reads. Immutable: each {@code with} method returns changed
 * options and leaves these as they are.
 */
public final class MultiThreadedReaderOptions {
  /** How many shards are open at once if nothing else is said: 2. */
  public static final int DEFAULT_NUM_SHARDS = 2;

  /** The bound on what is queued if none is given, in bytes: 64 MiB. */
  public static final long DEFAULT_QUEUE_SIZE = 64L << 20;

  private static final MultiThreadedReaderOptions DEFAULTS =
      new MultiThreadedReaderOptions(new Values());

  /** The values of options that are being changed. */
  private static final class Values {
    private int numShards = DEFAULT_NUM_SHARDS;
    private int workerThreads = 1;
    private long queueSize = DEFAULT_QUEUE_SIZE;
    private ReadingOrder order = ReadingOrder.ROUND_ROBIN;
    private boolean deterministic;
    private ReaderOptions readerOptions = ReaderOptions.defaults();
    private @Nullable ShardListener shardListener;
  }

  private final int numShards;
  private final int workerThreads;
  private final long queueSize;
  private final ReadingOrder order;
  private final boolean deterministic;
  private final ReaderOptions readerOptions;
  private final @Nullable ShardListener shardListener;

  private MultiThreadedReaderOptions(Values values) {
    numShards = values.numShards;
    workerThreads = values.workerThreads;
    queueSize = values.queueSize;
    order = values.order;
    deterministic = values.deterministic;
    readerOptions = values.readerOptions;
    shardListener = values.shardListener;
  }

  private MultiThreadedReaderOptions with(Consumer<Values> change) {
    Values values = new Values();
    values.numShards = numShards;
    values.workerThreads = workerThreads;
    values.queueSize = queueSize;
    values.order = order;
    values.deterministic = deterministic;
    values.readerOptions = readerOptions;
    values.shardListener = shardListener;
    change.accept(values);
    return new MultiThreadedReaderOptions(values);
  }

  /** 2 shards at once, a worker thread, 64 MiB queued, {@link ReadingOrder#ROUND_ROBIN}. */
  public static MultiThreadedReaderOptions defaults() {
    return DEFAULTS;
  }

  /**
   * These options with another number of shards that are open at once. A shard is read by a thread
   * at a time, so this bounds how many threads have work. By default 2.
   *
   * @param shards at least 1
   * @throws IllegalArgumentException if {@code shards} is less than 1
   */
  public MultiThreadedReaderOptions withNumShards(int shards) {
    return with(values -> values.numShards = atLeastOne(shards, "shards open at once"));
  }

  /**
   * These options with another number of threads that read and decode. By default 1; more than
   * {@link #numShards()} are not started.
   *
   * @param threads at least 1
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  public MultiThreadedReaderOptions withWorkerThreads(int threads) {
    return with(values -> values.workerThreads = atLeastOne(threads, "worker threads"));
  }

  private static int atLeastOne(int number, String what) {
    if (number < 1) {
      throw new IllegalArgumentException("the number of " + what + " is " + number);
    }
    return number;
  }

  /**
   * These options with another bound on what is read and not yet taken: on the bytes of its
   * records, and 8 for each record. Workers begin to read a chunk while less is queued, so there
   * may be a chunk more for each worker, and a chunk above the bound is read all the same. Batches
   * that were taken do not count. By default 64 MiB. {@link MultiThreadedReader#setQueueSize}
   * changes it later.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public MultiThreadedReaderOptions withQueueSize(long bytes) {
    checkQueueSize(bytes);
    return with(values -> values.queueSize = bytes);
  }

  static void checkQueueSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("the size of the queue is " + bytes + " bytes");
    }
  }

  /** These options with another order. By default {@link ReadingOrder#ROUND_ROBIN}. */
  public MultiThreadedReaderOptions withOrder(ReadingOrder order) {
    Objects.requireNonNull(order, "order");
    return with(values -> values.order = order);
  }

  /**
   * These options with batches in an order that depends on nothing but the shards, their order,
   * {@link #numShards()} and {@link #order()}: one consumer gets the same sequence each time,
   * whatever the number of threads and their timing. Draining is then one shard after the other.
   * Otherwise, which is the default, batches come in the order in which they were read, so that a
   * slow shard holds nobody up. In both cases the records of a shard are in the order of the shard.
   */
  public MultiThreadedReaderOptions withDeterministic(boolean deterministic) {
    return with(values -> values.deterministic = deterministic);
  }

  /**
   * These options with another way to read each shard. By default {@link ReaderOptions#defaults()}.
   * A listener for skipped regions in them is called on the threads that read.
   *
   * @throws IllegalArgumentException if they follow files that grow, because a shard has to have an
   *     end, or decode with threads of their own, because the worker threads do that
   */
  public MultiThreadedReaderOptions withReaderOptions(ReaderOptions options) {
    Objects.requireNonNull(options, "options");
    if (options.follow()) {
      throw new IllegalArgumentException(
          "shards that grow cannot be followed: use a RecordReader for each");
    }
    if (options.parallelism() > 0) {
      throw new IllegalArgumentException(
          "shards are decoded by worker threads: use withWorkerThreads, and parallelism 0");
    }
    return with(values -> values.readerOptions = options);
  }

  /**
   * These options with a listener that is told when shards are opened, finished and failed, and
   * what of them is skipped. Skipped regions are then not logged.
   */
  public MultiThreadedReaderOptions withShardListener(ShardListener listener) {
    Objects.requireNonNull(listener, "listener");
    return with(values -> values.shardListener = listener);
  }

  /** How many shards are open at once. */
  public int numShards() {
    return numShards;
  }

  /** How many threads read and decode. */
  public int workerThreads() {
    return workerThreads;
  }

  /** The bound on what is queued in bytes. */
  public long queueSize() {
    return queueSize;
  }

  /** In which order shards are read. */
  public ReadingOrder order() {
    return order;
  }

  /** Whether the order of batches follows from the shards alone. */
  public boolean deterministic() {
    return deterministic;
  }

  /** How each shard is read. */
  public ReaderOptions readerOptions() {
    return readerOptions;
  }

  /** What is told of shards, if something is. */
  public Optional<ShardListener> shardListener() {
    return Optional.ofNullable(shardListener);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MultiThreadedReaderOptions that
        && numShards == that.numShards
        && workerThreads == that.workerThreads
        && queueSize == that.queueSize
        && order == that.order
        && deterministic == that.deterministic
        && readerOptions.equals(that.readerOptions)
        && Objects.equals(shardListener, that.shardListener);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        numShards, workerThreads, queueSize, order, deterministic, readerOptions, shardListener);
  }

  @Override
  public String toString() {
    return "MultiThreadedReaderOptions[numShards="
        + numShards
        + ", workerThreads="
        + workerThreads
        + ", queueSize="
        + queueSize
        + ", order="
        + order
        + ", deterministic="
        + deterministic
        + ", readerOptions="
        + readerOptions
        + ", shardListener="
        + shardListener
        + "]";
  }
}

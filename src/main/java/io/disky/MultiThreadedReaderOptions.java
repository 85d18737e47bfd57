package io.disky;

import io.disky.options.OptionState;
import io.disky.shards.ShardReadingSettings;
import io.disky.threads.Parallelism;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link MultiThreadedReader} reads. Immutable: each {@code with} method returns changed
 * options, and leaves these options as they are.
 */
public final class MultiThreadedReaderOptions {
  /** The default number of shards that are open at once: 2. */
  public static final int DEFAULT_NUM_SHARDS = 2;

  /** The default bound on the records that nobody has taken yet, in bytes: 64 MiB. */
  public static final long DEFAULT_QUEUE_SIZE = 64L << 20;

  /** The largest {@linkplain #withParallelism parallelism}: 1,024 threads. */
  public static final int MAX_PARALLELISM = Parallelism.MAX;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private int numShards = DEFAULT_NUM_SHARDS;
    private int parallelism = 1;
    private long queueSize = DEFAULT_QUEUE_SIZE;
    private ReadingOrder order = ReadingOrder.ROUND_ROBIN;
    private boolean deterministic;
    private ReaderOptions readerOptions = ReaderOptions.defaults();
    private @Nullable ShardListener shardListener;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("numShards", numShards);
      all.put("parallelism", parallelism);
      all.put("queueSize", queueSize);
      all.put("order", order);
      all.put("deterministic", deterministic);
      all.put("readerOptions", readerOptions);
      all.put("shardListener", orNone(shardListener));
      return all;
    }
  }

  private final State state;

  private MultiThreadedReaderOptions(State state) {
    this.state = state;
  }

  private MultiThreadedReaderOptions with(Consumer<State> change) {
    return new MultiThreadedReaderOptions(state.with(change));
  }

  /**
   * The default options: 2 shards open at once, 1 thread, 64 MiB queued, {@link
   * ReadingOrder#ROUND_ROBIN}, not deterministic, {@link ReaderOptions#defaults()}, no listener.
   */
  public static MultiThreadedReaderOptions defaults() {
    return new MultiThreadedReaderOptions(new State());
  }

  /**
   * These options with another number of shards that are open at once. One thread at a time reads a
   * shard, so at most this many threads have work. The default is 2.
   *
   * @param shards at least 1
   * @throws IllegalArgumentException if {@code shards} is less than 1
   */
  public MultiThreadedReaderOptions withNumShards(int shards) {
    if (shards < 1) {
      throw new IllegalArgumentException("the number of shards open at once is " + shards);
    }
    return with(state -> state.numShards = shards);
  }

  /** How many shards are open at once. */
  public int numShards() {
    return state.numShards;
  }

  /**
   * These options with another parallelism: the number of threads that read and decode shards, in
   * addition to the threads that take records. The default is 1. The reader does not start more
   * threads than {@link #numShards()}. Threads that take records decode, too, while they would
   * otherwise wait. But they do not open shards, and do not call listeners, so 0 is not possible.
   *
   * @param threads 1 to {@link #MAX_PARALLELISM}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public MultiThreadedReaderOptions withParallelism(int threads) {
    Parallelism.check(threads, 1);
    return with(state -> state.parallelism = threads);
  }

  /** How many threads read and decode shards, in addition to the threads that take records. */
  public int parallelism() {
    return state.parallelism;
  }

  /**
   * These options with another bound on the records that were read and that nobody has taken yet: a
   * record counts its bytes, and 8 more. A thread begins to read a chunk if fewer bytes are queued.
   * So each thread, also one that takes records, may exceed the bound by a chunk, and a chunk that
   * is larger than the bound is read, too. Batches that were taken do not count. The default is 64
   * MiB. {@link MultiThreadedReader#setQueueSize} changes the bound of an open reader.
   *
   * <p>A thread reads a few chunks of a shard together if that takes less time, as {@link
   * ReaderOptions#withReadAhead} describes. The chunks after the first one do not count either. All
   * open shards together have at most a quarter of {@code bytes} in such chunks.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public MultiThreadedReaderOptions withQueueSize(long bytes) {
    checkQueueSize(bytes);
    return with(state -> state.queueSize = bytes);
  }

  static void checkQueueSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("the size of the queue is " + bytes + " bytes");
    }
  }

  /** The bound on the records that a shard decodes together with a chunk that is read, in bytes. */
  long aheadOfShard() {
    return Math.max(state.queueSize / 4 / state.numShards, 1);
  }

  /** The bound on the records that nobody has taken yet, in bytes. */
  public long queueSize() {
    return state.queueSize;
  }

  /**
   * These options with another order of shards. The default is {@link ReadingOrder#ROUND_ROBIN}.
   */
  public MultiThreadedReaderOptions withOrder(ReadingOrder order) {
    Objects.requireNonNull(order, "order");
    return with(state -> state.order = order);
  }

  /** In which order shards are read. */
  public ReadingOrder order() {
    return state.order;
  }

  /**
   * These options with a deterministic order of batches or without it (the default).
   *
   * <ul>
   *   <li>With it, the order depends only on the shards, their order, {@link #numShards()} and
   *       {@link #order()}: one consumer gets the same sequence each time, whatever the number of
   *       threads and their timing. {@link ReadingOrder#DRAIN} then reads one shard after the
   *       other.
   *   <li>Without it, batches come in the order in which they were read, so that a slow shard does
   *       not hold up the others. With a {@linkplain #withParallelism parallelism} of 1 a slow
   *       shard holds up the others in any case, so the order is the same as with it.
   * </ul>
   *
   * <p>In both cases the records of a shard come in the order of the shard.
   */
  public MultiThreadedReaderOptions withDeterministic(boolean deterministic) {
    return with(state -> state.deterministic = deterministic);
  }

  /** Whether the order of batches depends only on the shards. */
  public boolean deterministic() {
    return state.deterministic;
  }

  /**
   * These options with other options for the reader of each shard. The default is {@link
   * ReaderOptions#defaults()}. The threads of the reader call a listener for skipped regions that
   * is part of {@code options}. {@link ReaderOptions#withReadAhead} has no effect: {@link
   * #withQueueSize} bounds the bytes that are decoded ahead.
   *
   * @throws IllegalArgumentException if {@code options} follow files that grow, because a shard
   *     must have an end; or if they have {@linkplain ReaderOptions#withParallelism parallelism},
   *     because the threads of {@link #withParallelism} decode the shards
   */
  public MultiThreadedReaderOptions withReaderOptions(ReaderOptions options) {
    Objects.requireNonNull(options, "options");
    if (options.follow()) {
      throw new IllegalArgumentException(
          "shards that grow cannot be followed: use a RecordReader for each");
    }
    if (options.parallelism() > 0) {
      throw new IllegalArgumentException(
          "the readers of shards have no threads of their own: use"
              + " MultiThreadedReaderOptions.withParallelism, and ReaderOptions with parallelism 0");
    }
    return with(state -> state.readerOptions = options);
  }

  /** The options for the reader of each shard. */
  public ReaderOptions readerOptions() {
    return state.readerOptions;
  }

  /**
   * These options with a listener. The reader notifies the listener when it opens a shard, finishes
   * a shard, or skips a part of a shard, and when a shard fails. Skipped regions are then not
   * logged.
   */
  public MultiThreadedReaderOptions withShardListener(ShardListener listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.shardListener = listener);
  }

  /** The listener, if any. */
  public Optional<ShardListener> shardListener() {
    return Optional.ofNullable(state.shardListener);
  }

  /** The settings of a reader whose name in messages is {@code name}. */
  ShardReadingSettings settings(String name) {
    return new ShardReadingSettings(
        name,
        state.numShards,
        state.parallelism,
        state.queueSize,
        switch (state.order) {
          case DRAIN -> ShardReadingSettings.Order.DRAIN;
          case ROUND_ROBIN -> ShardReadingSettings.Order.ROUND_ROBIN;
        },
        state.deterministic,
        readerOptions().dataAlignment(),
        readerOptions().strictLifetimes());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MultiThreadedReaderOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  @Override
  public String toString() {
    return "MultiThreadedReaderOptions" + state;
  }
}

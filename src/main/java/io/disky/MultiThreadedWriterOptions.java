package io.disky;

import io.disky.files.QuotedText;
import io.disky.options.OptionState;
import io.disky.shards.ShardWritingSettings;
import io.disky.threads.Parallelism;
import io.disky.writing.ChunkBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link MultiThreadedWriter} writes. Immutable: each {@code with} method returns changed
 * options, and leaves these options as they are.
 */
public final class MultiThreadedWriterOptions {
  /** The default prefix of the names of shards in a directory: {@code shard}. */
  public static final String DEFAULT_PREFIX = "shard";

  /** The largest number of shards that are open at once: 65,536. */
  public static final int MAX_SHARDS = 1 << 16;

  /** The largest {@linkplain #withParallelism parallelism}: 1,024 threads. */
  public static final int MAX_PARALLELISM = Parallelism.MAX;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private String prefix = DEFAULT_PREFIX;
    private int numShards = 2;
    private int parallelism = Math.min(Runtime.getRuntime().availableProcessors(), MAX_PARALLELISM);
    private long maxBytesPerWriter = 10_000_000_000L;
    private boolean autoSharding = true;
    private int taskQueueCapacity = 2_000;
    private long taskQueueBytes = 64L << 20;
    private boolean append = true;
    private long startIndex;
    private WriterOptions writerOptions = WriterOptions.defaults();
    private @Nullable ShardListener shardListener;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("prefix", QuotedText.name(prefix));
      all.put("numShards", numShards);
      all.put("parallelism", parallelism);
      all.put("maxBytesPerWriter", maxBytesPerWriter);
      all.put("autoSharding", autoSharding);
      all.put("taskQueueCapacity", taskQueueCapacity);
      all.put("taskQueueBytes", taskQueueBytes);
      all.put("append", append);
      all.put("startIndex", startIndex);
      all.put("writerOptions", writerOptions);
      all.put("shardListener", orNone(shardListener));
      return all;
    }
  }

  private final State state;

  private MultiThreadedWriterOptions(State state) {
    this.state = state;
  }

  private MultiThreadedWriterOptions with(Consumer<State> change) {
    return new MultiThreadedWriterOptions(state.with(change));
  }

  /**
   * The default options:
   *
   * <ul>
   *   <li>2 shards open at once, named {@code shard_0}, {@code shard_1} and so on; shards that
   *       exist are kept
   *   <li>a thread for each available processor
   *   <li>10 GB of records in a shard, and then a new shard
   *   <li>at most 2,000 chunks with 64 MiB in the queue
   *   <li>{@link WriterOptions#defaults()}, and no listener
   * </ul>
   */
  public static MultiThreadedWriterOptions defaults() {
    return new MultiThreadedWriterOptions(new State());
  }

  /**
   * These options with another prefix: shards in a directory are called {@code prefix_0}, {@code
   * prefix_1} and so on. The default is {@link #DEFAULT_PREFIX}. Other {@linkplain ShardTarget
   * targets} ignore it.
   */
  public MultiThreadedWriterOptions withPrefix(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    return with(state -> state.prefix = prefix);
  }

  /** The prefix of the names of shards in a directory. */
  public String prefix() {
    return state.prefix;
  }

  /**
   * These options with another number of shards that are open at once. The writer spreads records
   * over them. It opens all of them when it is opened. The default is 2.
   *
   * @param shards 1 to {@link #MAX_SHARDS}
   * @throws IllegalArgumentException if {@code shards} is outside that range
   */
  public MultiThreadedWriterOptions withNumShards(int shards) {
    check("number of shards", shards, 1, MAX_SHARDS);
    return with(state -> state.numShards = shards);
  }

  /** How many shards are open at once. */
  public int numShards() {
    return state.numShards;
  }

  /**
   * These options with another parallelism: the number of threads that encode and write chunks, in
   * addition to the threads that write records. The default is the number of available processors.
   * With 0 the writer has no threads: a call that completes a chunk encodes and writes one. That is
   * for applications that already have many threads.
   *
   * @param threads 0 to {@link #MAX_PARALLELISM}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public MultiThreadedWriterOptions withParallelism(int threads) {
    Parallelism.check(threads, 0);
    return with(state -> state.parallelism = threads);
  }

  /** How many threads encode and write chunks, in addition to the threads that write records. */
  public int parallelism() {
    return state.parallelism;
  }

  /**
   * These options with another size of a full shard, in bytes of records before compression. The
   * default is 10,000,000,000. The chunk with which a shard reaches this size is its last chunk.
   *
   * @param bytes at least 1; {@link Long#MAX_VALUE} for no limit
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public MultiThreadedWriterOptions withMaxBytesPerWriter(long bytes) {
    check("number of bytes per writer", bytes, 1, Long.MAX_VALUE);
    return with(state -> state.maxBytesPerWriter = bytes);
  }

  /** The size at which a shard is full, in bytes of records. */
  public long maxBytesPerWriter() {
    return state.maxBytesPerWriter;
  }

  /**
   * These options with automatic sharding (the default) or without it. With it, a new shard takes
   * the place of each full shard. Without it, writing fails after all shards are full; the last one
   * stays open for the records that were accepted before, which may take it past its limit.
   */
  public MultiThreadedWriterOptions withAutoSharding(boolean autoSharding) {
    return with(state -> state.autoSharding = autoSharding);
  }

  /** Whether a new shard takes the place of a full one. */
  public boolean autoSharding() {
    return state.autoSharding;
  }

  /**
   * These options with another bound on the number of chunks in the queue: full chunks that are not
   * yet written. The default is 2,000. A call that completes a chunk waits while the queue has this
   * many chunks, or {@linkplain #withTaskQueueBytes this many bytes}. The bound counts chunks, not
   * records; a flush counts as a chunk.
   *
   * @param chunks at least 1
   * @throws IllegalArgumentException if {@code chunks} is less than 1
   */
  public MultiThreadedWriterOptions withTaskQueueCapacity(int chunks) {
    check("task queue capacity", chunks, 1, Integer.MAX_VALUE);
    return with(state -> state.taskQueueCapacity = chunks);
  }

  /** How many chunks the queue has room for. */
  public int taskQueueCapacity() {
    return state.taskQueueCapacity;
  }

  /**
   * These options with another bound on the memory of the chunks in the queue, which is at least 64
   * KiB for each chunk. The default is 67,108,864 bytes, 64 MiB. A chunk that is larger than the
   * bound enters the queue when the queue is empty.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public MultiThreadedWriterOptions withTaskQueueBytes(long bytes) {
    check("size of the task queue", bytes, 1, Long.MAX_VALUE);
    return with(state -> state.taskQueueBytes = bytes);
  }

  /** How many bytes of chunks the queue has room for. */
  public long taskQueueBytes() {
    return state.taskQueueBytes;
  }

  /**
   * These options with appending (the default) or without it.
   *
   * <ul>
   *   <li>With it, the writer keeps the shards that exist, and skips their numbers. It never
   *       continues a shard.
   *   <li>Without it, the writer first removes the files that are called prefix, underscore,
   *       digits, and no other files; for other {@linkplain ShardTarget targets} it calls {@link
   *       ShardTarget#clear()}.
   * </ul>
   */
  public MultiThreadedWriterOptions withAppend(boolean append) {
    return with(state -> state.append = append);
  }

  /** Whether the writer keeps the shards that exist. */
  public boolean append() {
    return state.append;
  }

  /**
   * These options with another number for the first shard. The default is 0.
   *
   * @param index at least 0
   * @throws IllegalArgumentException if {@code index} is negative
   */
  public MultiThreadedWriterOptions withStartIndex(long index) {
    check("start index", index, 0, Long.MAX_VALUE);
    return with(state -> state.startIndex = index);
  }

  /** The number of the first shard. */
  public long startIndex() {
    return state.startIndex;
  }

  /**
   * These options with other options for the writers of the shards. The writer ignores their
   * {@linkplain WriterOptions#openMode() open mode} and {@linkplain WriterOptions#parallelism()
   * parallelism}.
   *
   * @throws IllegalArgumentException with {@linkplain WriterOptions#withAtomicCreation atomic
   *     creation}: a shard that fails would lose records that were flushed before
   */
  public MultiThreadedWriterOptions withWriterOptions(WriterOptions options) {
    Objects.requireNonNull(options, "options");
    if (options.atomicCreation()) {
      throw new IllegalArgumentException(
          "shards cannot be created atomically: a shard that fails would lose records that were"
              + " flushed before; leave out withAtomicCreation, and rename the directory after the"
              + " writer was closed");
    }
    return with(state -> state.writerOptions = options);
  }

  /** The options for the writers of the shards. */
  public WriterOptions writerOptions() {
    return state.writerOptions;
  }

  /** These options with another compression of the shards. */
  public MultiThreadedWriterOptions withCompression(Compression compression) {
    return withWriterOptions(state.writerOptions.withCompression(compression));
  }

  /**
   * These options with a listener. The writer notifies the listener when it opens or finishes a
   * shard, and when a shard fails. The threads that do so call the listener. It must not call the
   * writer: if it flushes or closes the writer, that throws an {@link IllegalStateException}. If
   * the listener throws, the writer logs it to {@code io.disky}.
   */
  public MultiThreadedWriterOptions withShardListener(ShardListener listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.shardListener = listener);
  }

  /** The listener, if any. */
  public Optional<ShardListener> shardListener() {
    return Optional.ofNullable(state.shardListener);
  }

  private static void check(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " " + value + " is outside " + min + " to " + max);
    }
  }

  /** The options for the writer of each shard. */
  WriterOptions shardOptions() {
    return state.writerOptions.withOpenMode(OpenMode.CREATE_NEW).withParallelism(0);
  }

  /** The settings of a writer whose chunks are from {@code newChunk}. */
  ShardWritingSettings settings(Supplier<ChunkBuffer> newChunk) {
    return new ShardWritingSettings(
        state.numShards,
        state.parallelism,
        state.maxBytesPerWriter,
        state.autoSharding,
        state.taskQueueCapacity,
        state.taskQueueBytes,
        state.append,
        state.startIndex,
        state.writerOptions.settings(),
        newChunk);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MultiThreadedWriterOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  @Override
  public String toString() {
    return "MultiThreadedWriterOptions" + state;
  }
}

package io.disky;

import io.disky.files.QuotedText;
import io.disky.shards.ShardWritingSettings;
import io.disky.writing.ChunkBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link MultiThreadedWriter} writes. Immutable: each {@code with} method returns changed
 * options and leaves these as they are.
 */
public final class MultiThreadedWriterOptions {
  /** The most shards that are open at once: 65,536. */
  public static final int MAX_SHARDS = 1 << 16;

  /** The most threads that encode and write: 1,024. */
  public static final int MAX_WORKER_THREADS = 1 << 10;

  /** Never changed once it is here. */
  private final Values values;

  /** The options as variables, with their defaults. */
  private static final class Values {
    private String prefix = "shard";
    private int numShards = 2;
    private int workerThreads =
        Math.min(Runtime.getRuntime().availableProcessors(), MAX_WORKER_THREADS);
    private long maxBytesPerWriter = 10_000_000_000L;
    private boolean autoSharding = true;
    private int taskQueueCapacity = 2_000;
    private long taskQueueBytes = 64L << 20;
    private boolean append = true;
    private long startIndex;
    private WriterOptions writerOptions = WriterOptions.defaults();
    private @Nullable ShardListener listener;

    Values() {}

    Values(Values other) {
      prefix = other.prefix;
      numShards = other.numShards;
      workerThreads = other.workerThreads;
      maxBytesPerWriter = other.maxBytesPerWriter;
      autoSharding = other.autoSharding;
      taskQueueCapacity = other.taskQueueCapacity;
      taskQueueBytes = other.taskQueueBytes;
      append = other.append;
      startIndex = other.startIndex;
      writerOptions = other.writerOptions;
      listener = other.listener;
    }

    List<Object> all() {
      return List.of(
          prefix,
          numShards,
          workerThreads,
          maxBytesPerWriter,
          autoSharding,
          taskQueueCapacity,
          taskQueueBytes,
          append,
          startIndex,
          writerOptions,
          Optional.ofNullable(listener));
    }
  }

  private MultiThreadedWriterOptions(Values values) {
    this.values = values;
  }

  private MultiThreadedWriterOptions with(Consumer<Values> change) {
    Values changed = new Values(values);
    change.accept(changed);
    return new MultiThreadedWriterOptions(changed);
  }

  /**
   * Two shards named {@code shard_}, a worker thread for each available processor, 10 GB of records
   * in a shard and then another one, at most 2,000 chunks of together 64 MiB on their way, shards
   * that exist kept, numbers from 0 on, {@link WriterOptions#defaults()}, no listener.
   */
  public static MultiThreadedWriterOptions defaults() {
    return new MultiThreadedWriterOptions(new Values());
  }

  /**
   * These options with another prefix: shards in a directory are called {@code prefix_0}, {@code
   * prefix_1} and so on. By default {@code shard}. Other {@linkplain ShardTarget targets} take no
   * notice.
   */
  public MultiThreadedWriterOptions withPrefix(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    return with(values -> values.prefix = prefix);
  }

  /**
   * These options with another number of shards that are open at once, and that records are spread
   * over. By default 2. All are opened at once.
   *
   * @param shards 1 to {@link #MAX_SHARDS}
   * @throws IllegalArgumentException if {@code shards} is outside that range
   */
  public MultiThreadedWriterOptions withNumShards(int shards) {
    check("number of shards", shards, 1, MAX_SHARDS);
    return with(values -> values.numShards = shards);
  }

  /**
   * These options with another number of threads that encode and write chunks. By default as many
   * as there are available processors. 0 means that a call that completes a chunk encodes and
   * writes one: for applications whose own threads are many already.
   *
   * @param threads 0 to {@link #MAX_WORKER_THREADS}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public MultiThreadedWriterOptions withWorkerThreads(int threads) {
    check("number of worker threads", threads, 0, MAX_WORKER_THREADS);
    return with(values -> values.workerThreads = threads);
  }

  /**
   * These options with another size from which on a shard is full, in bytes of records before
   * compression. By default 10,000,000,000. The chunk with which a shard reaches this size is its
   * last one.
   *
   * @param bytes at least 1; {@link Long#MAX_VALUE} is no limit
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public MultiThreadedWriterOptions withMaxBytesPerWriter(long bytes) {
    check("number of bytes per writer", bytes, 1, Long.MAX_VALUE);
    return with(values -> values.maxBytesPerWriter = bytes);
  }

  /**
   * These options with, as by default, or without a new shard in the place of each one that is
   * full. Without, writing fails once all are full; the last one stays open for what was accepted
   * before, which may take it past its limit.
   */
  public MultiThreadedWriterOptions withAutoSharding(boolean autoSharding) {
    return with(values -> values.autoSharding = autoSharding);
  }

  /**
   * These options with another bound on the number of chunks on their way: full, and not yet
   * written. By default 2,000. A call that completes a chunk waits while there are so many, or
   * {@linkplain #withTaskQueueBytes so large ones}. What is counted are chunks, not records; a
   * flush counts as a chunk.
   *
   * @param chunks at least 1
   * @throws IllegalArgumentException if {@code chunks} is less than 1
   */
  public MultiThreadedWriterOptions withTaskQueueCapacity(int chunks) {
    check("task queue capacity", chunks, 1, Integer.MAX_VALUE);
    return with(values -> values.taskQueueCapacity = chunks);
  }

  /**
   * These options with another bound on the size of the chunks on their way: of the memory that
   * they hold, which is at least 64 KiB each. By default 67,108,864, 64 MiB. A chunk that is larger
   * by itself is let through when no other is on its way.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public MultiThreadedWriterOptions withTaskQueueBytes(long bytes) {
    check("size of the task queue", bytes, 1, Long.MAX_VALUE);
    return with(values -> values.taskQueueBytes = bytes);
  }

  /**
   * These options with, as by default, or without appending. Shards that exist are kept, and
   * numbers that are taken are left out. Without appending, exactly the files that are called
   * prefix, underscore, digits are removed before the first shard is opened, and nothing else is
   * touched; of other {@linkplain ShardTarget targets} what {@link ShardTarget#clear()} removes. A
   * shard is never continued.
   */
  public MultiThreadedWriterOptions withAppend(boolean append) {
    return with(values -> values.append = append);
  }

  /**
   * These options with another number for the first shard. By default 0.
   *
   * @throws IllegalArgumentException if {@code index} is negative
   */
  public MultiThreadedWriterOptions withStartIndex(long index) {
    check("start index", index, 0, Long.MAX_VALUE);
    return with(values -> values.startIndex = index);
  }

  /**
   * These options with other options for the writers of the shards. Their {@linkplain
   * WriterOptions#openMode() open mode} and {@linkplain WriterOptions#parallelism() parallelism}
   * are not looked at.
   *
   * @throws IllegalArgumentException with {@linkplain WriterOptions#withAtomicCreation atomic
   *     creation}: a shard that fails would take records with it that were flushed already
   */
  public MultiThreadedWriterOptions withWriterOptions(WriterOptions options) {
    Objects.requireNonNull(options, "options");
    if (options.atomicCreation()) {
      throw new IllegalArgumentException(
          "shards are not created atomically: one that fails would take records with it that were"
              + " flushed already; leave withAtomicCreation out, and rename the directory once the"
              + " writer is closed");
    }
    return with(values -> values.writerOptions = options);
  }

  /** These options with another compression of the shards. */
  public MultiThreadedWriterOptions withCompression(Compression compression) {
    return withWriterOptions(values.writerOptions.withCompression(compression));
  }

  /**
   * These options with a listener that is told when a shard was opened, finished or has failed. It
   * is called on the threads that do so, and must not call the writer: to flush or close it throws
   * an {@link IllegalStateException}. What the listener throws is logged to {@code io.disky}.
   */
  public MultiThreadedWriterOptions withShardListener(ShardListener listener) {
    Objects.requireNonNull(listener, "listener");
    return with(values -> values.listener = listener);
  }

  private static void check(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is outside " + least + " to " + most);
    }
  }

  /** What the names of shards in a directory begin with. */
  public String prefix() {
    return values.prefix;
  }

  /** How many shards are open at once. */
  public int numShards() {
    return values.numShards;
  }

  /** How many threads encode and write chunks. */
  public int workerThreads() {
    return values.workerThreads;
  }

  /** From how many bytes of records on a shard is full. */
  public long maxBytesPerWriter() {
    return values.maxBytesPerWriter;
  }

  /** Whether a full shard is followed by another one. */
  public boolean autoSharding() {
    return values.autoSharding;
  }

  /** How many chunks may be on their way. */
  public int taskQueueCapacity() {
    return values.taskQueueCapacity;
  }

  /** How large the chunks on their way may be together, in bytes. */
  public long taskQueueBytes() {
    return values.taskQueueBytes;
  }

  /** Whether shards that exist are kept. */
  public boolean append() {
    return values.append;
  }

  /** The number of the first shard. */
  public long startIndex() {
    return values.startIndex;
  }

  /** How the shards are written. */
  public WriterOptions writerOptions() {
    return values.writerOptions;
  }

  /** Who is told about shards, if anybody is. */
  public Optional<ShardListener> shardListener() {
    return Optional.ofNullable(values.listener);
  }

  /** The options for the writer of each shard. */
  WriterOptions shardOptions() {
    return values.writerOptions.withOpenMode(OpenMode.CREATE_NEW).withParallelism(0);
  }

  /** The settings of a writer whose chunks are from {@code newChunk}. */
  ShardWritingSettings settings(Supplier<ChunkBuffer> newChunk) {
    return new ShardWritingSettings(
        values.numShards,
        values.workerThreads,
        values.maxBytesPerWriter,
        values.autoSharding,
        values.taskQueueCapacity,
        values.taskQueueBytes,
        values.append,
        values.startIndex,
        values.writerOptions.settings(),
        newChunk);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MultiThreadedWriterOptions that
        && values.all().equals(that.values.all());
  }

  @Override
  public int hashCode() {
    return values.all().hashCode();
  }

  @Override
  public String toString() {
    return "MultiThreadedWriterOptions[prefix="
        + QuotedText.name(values.prefix)
        + ", numShards="
        + values.numShards
        + ", workerThreads="
        + values.workerThreads
        + ", maxBytesPerWriter="
        + values.maxBytesPerWriter
        + ", autoSharding="
        + values.autoSharding
        + ", taskQueueCapacity="
        + values.taskQueueCapacity
        + ", taskQueueBytes="
        + values.taskQueueBytes
        + ", append="
        + values.append
        + ", startIndex="
        + values.startIndex
        + ", writerOptions="
        + values.writerOptions
        + ", listener="
        + (values.listener == null ? "none" : values.listener)
        + "]";
  }
}

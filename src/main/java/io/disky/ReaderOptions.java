package io.disky;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RecordReader} reads. Immutable: each {@code with} method returns changed options and
 * leaves these as they are.
 */
public final class ReaderOptions {
  /** The limit on the size of a chunk if none is given, in bytes: 1 GiB. */
  public static final long DEFAULT_MAX_CHUNK_SIZE = 1L << 30;

  private static final ReaderOptions DEFAULTS =
      new ReaderOptions(CorruptionStrategy.ERROR, true, null, DEFAULT_MAX_CHUNK_SIZE);

  private final CorruptionStrategy corruptionStrategy;
  private final boolean scan;
  private final @Nullable Consumer<? super SkippedRegion> skippedRegionListener;
  private final long maxChunkSize;

  private ReaderOptions(
      CorruptionStrategy corruptionStrategy,
      boolean scan,
      @Nullable Consumer<? super SkippedRegion> skippedRegionListener,
      long maxChunkSize) {
    this.corruptionStrategy = corruptionStrategy;
    this.scan = scan;
    this.skippedRegionListener = skippedRegionListener;
    this.maxChunkSize = maxChunkSize;
  }

  /** {@link CorruptionStrategy#ERROR}, chunks of up to 1 GiB. */
  public static ReaderOptions defaults() {
    return DEFAULTS;
  }

  /** These options with another answer to damage. */
  public ReaderOptions withCorruptionStrategy(CorruptionStrategy strategy) {
    Objects.requireNonNull(strategy, "strategy");
    return new ReaderOptions(strategy, scan, skippedRegionListener, maxChunkSize);
  }

  /**
   * These options with or without the search for chunks that neither the chunks before them nor a
   * block header places, for {@link CorruptionStrategy#RECOVER}. What it finds is likely but not
   * proven to be part of the file, and not of a record file in one of its records: {@link
   * RecordBatch#isScanned()} marks it. By default there is one.
   */
  public ReaderOptions withScan(boolean scan) {
    return new ReaderOptions(corruptionStrategy, scan, skippedRegionListener, maxChunkSize);
  }

  /**
   * These options with a listener that is told of each {@link SkippedRegion} as it is met, for
   * {@link CorruptionStrategy#RECOVER}. It is called on the thread that reads, by the call that
   * reads on behind the region, and must not use the reader. What it throws comes out of that call,
   * and the chunk that the call was to deliver is not. With a listener the regions are not logged.
   */
  public ReaderOptions withSkippedRegionListener(Consumer<? super SkippedRegion> listener) {
    Objects.requireNonNull(listener, "listener");
    return new ReaderOptions(corruptionStrategy, scan, listener, maxChunkSize);
  }

  /**
   * These options with another limit on the size of a chunk, which bounds the memory that a hostile
   * file can cost: the bytes of its records and 8 for each, and likewise its encoded data. A
   * transposed chunk may take twice as much, and 1 MiB more, while it is decoded. A chunk beyond it
   * is a {@link ChunkTooLargeException}.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withMaxChunkSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("the limit on the size of a chunk is " + bytes + " bytes");
    }
    return new ReaderOptions(corruptionStrategy, scan, skippedRegionListener, bytes);
  }

  /** What is done about damage. */
  public CorruptionStrategy corruptionStrategy() {
    return corruptionStrategy;
  }

  /** Whether a search is made for chunks that nothing else places. */
  public boolean scan() {
    return scan;
  }

  /** What is told of each skipped region, if something is. */
  public Optional<Consumer<? super SkippedRegion>> skippedRegionListener() {
    return Optional.ofNullable(skippedRegionListener);
  }

  /** The limit on the size of a chunk in bytes. */
  public long maxChunkSize() {
    return maxChunkSize;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReaderOptions that
        && corruptionStrategy == that.corruptionStrategy
        && scan == that.scan
        && Objects.equals(skippedRegionListener, that.skippedRegionListener)
        && maxChunkSize == that.maxChunkSize;
  }

  @Override
  public int hashCode() {
    return Objects.hash(corruptionStrategy, scan, skippedRegionListener, maxChunkSize);
  }

  @Override
  public String toString() {
    return "ReaderOptions[corruptionStrategy="
        + corruptionStrategy
        + ", scan="
        + scan
        + ", skippedRegionListener="
        + skippedRegionListener
        + ", maxChunkSize="
        + maxChunkSize
        + "]";
  }
}

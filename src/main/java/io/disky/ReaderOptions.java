package io.disky;

import java.util.Objects;

/**
 * How a {@link RecordReader} reads. Immutable: each {@code with} method returns changed options and
 * leaves these as they are.
 */
public final class ReaderOptions {
  /** The limit on the size of a chunk if none is given, in bytes: 1 GiB. */
  public static final long DEFAULT_MAX_CHUNK_SIZE = 1L << 30;

  private static final ReaderOptions DEFAULTS =
      new ReaderOptions(CorruptionStrategy.ERROR, DEFAULT_MAX_CHUNK_SIZE);

  private final CorruptionStrategy corruptionStrategy;
  private final long maxChunkSize;

  private ReaderOptions(CorruptionStrategy corruptionStrategy, long maxChunkSize) {
    this.corruptionStrategy = corruptionStrategy;
    this.maxChunkSize = maxChunkSize;
  }

  /** {@link CorruptionStrategy#ERROR}, chunks of up to 1 GiB. */
  public static ReaderOptions defaults() {
    return DEFAULTS;
  }

  /**
   * These options with another answer to damage.
   *
   * @throws UnsupportedOperationException for {@link CorruptionStrategy#RECOVER}, which this
   *     version does not support
   */
  public ReaderOptions withCorruptionStrategy(CorruptionStrategy strategy) {
    if (Objects.requireNonNull(strategy, "strategy") == CorruptionStrategy.RECOVER) {
      throw new UnsupportedOperationException(
          "this version cannot read on after damage: use CorruptionStrategy.ERROR");
    }
    return new ReaderOptions(strategy, maxChunkSize);
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
    return new ReaderOptions(corruptionStrategy, bytes);
  }

  /** What is done about damage. */
  public CorruptionStrategy corruptionStrategy() {
    return corruptionStrategy;
  }

  /** The limit on the size of a chunk in bytes. */
  public long maxChunkSize() {
    return maxChunkSize;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReaderOptions that
        && corruptionStrategy == that.corruptionStrategy
        && maxChunkSize == that.maxChunkSize;
  }

  @Override
  public int hashCode() {
    return Objects.hash(corruptionStrategy, maxChunkSize);
  }

  @Override
  public String toString() {
    return "ReaderOptions[corruptionStrategy="
        + corruptionStrategy
        + ", maxChunkSize="
        + maxChunkSize
        + "]";
  }
}

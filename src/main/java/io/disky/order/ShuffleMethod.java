package io.disky.order;

/** How the records of a source are shuffled in a pass. */
public sealed interface ShuffleMethod {
  /** Records in the order of the source. */
  record None() implements ShuffleMethod {}

  /** A permutation of all records. */
  record Global() implements ShuffleMethod {}

  /**
   * Chunks in a permuted order; records permuted within consecutive chunks of this order.
   *
   * @param bytes the most memory that the decoded chunks of a window take; a window has at least
   *     one chunk
   */
  record Windowed(long bytes) implements ShuffleMethod {}

  /**
   * Each record waits in a reservoir, from which the next one is chosen at random.
   *
   * @param records the size of the reservoir
   */
  record Reservoir(int records) implements ShuffleMethod {}

  /** The order of a pass over a source with this layout. */
  default PassOrder order(ChunkLayout layout, OrderKey key) {
    throw new UnsupportedOperationException("" + layout + key);
  }

  /**
   * The order of a pass, restored from what {@link PassOrder#checkpoint} returned for {@code
   * position}.
   */
  default PassOrder restore(ChunkLayout layout, OrderKey key, long position, long[] checkpoint) {
    throw new UnsupportedOperationException("" + layout + key + position + checkpoint.length);
  }
}

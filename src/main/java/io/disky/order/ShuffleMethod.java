package io.disky.order;

/** How the records of a source are shuffled in a pass. docs/order.md specifies the methods. */
public sealed interface ShuffleMethod {
  /** Records in the order of the source. */
  record None() implements ShuffleMethod {
    @Override
    public PassOrder order(ChunkLayout layout, OrderKey key) {
      return new SequentialOrder(layout);
    }
  }

  /** A permutation of all records. */
  record Global() implements ShuffleMethod {
    @Override
    public PassOrder order(ChunkLayout layout, OrderKey key) {
      return new GlobalOrder(layout, key);
    }
  }

  /**
   * Chunks in a permuted order; records permuted within consecutive chunks of this order.
   *
   * @param bytes the largest memory of the decoded chunks of a window, in bytes, at least 1; a
   *     window has at least one chunk
   */
  record Windowed(long bytes) implements ShuffleMethod {
    public Windowed {
      if (bytes < 1) {
        throw new IllegalArgumentException(
            "A window has " + bytes + " bytes; it must have at least 1.");
      }
    }

    @Override
    public PassOrder order(ChunkLayout layout, OrderKey key) {
      return new WindowedOrder(layout, key, bytes);
    }
  }

  /**
   * Each record waits in a reservoir, from which the next one is chosen at random.
   *
   * @param records the size of the reservoir, at least 1
   */
  record Reservoir(int records) implements ShuffleMethod {
    public Reservoir {
      if (records < 1) {
        throw new IllegalArgumentException(
            "A reservoir has " + records + " records; it must have at least 1.");
      }
    }

    @Override
    public PassOrder order(ChunkLayout layout, OrderKey key) {
      return new ReservoirOrder(layout, key, records);
    }

    @Override
    public PassOrder restore(ChunkLayout layout, OrderKey key, long position, long[] checkpoint) {
      checkPosition(layout, position);
      ReservoirOrder order = new ReservoirOrder(layout, key, records);
      order.restore(position, checkpoint);
      return order;
    }
  }

  /** The order of a pass over a source with this layout. */
  PassOrder order(ChunkLayout layout, OrderKey key);

  /**
   * The order of a pass, restored from the result of {@link PassOrder#checkpoint} for {@code
   * position}.
   *
   * @throws IllegalArgumentException if no order with this layout returns this checkpoint for this
   *     position
   */
  default PassOrder restore(ChunkLayout layout, OrderKey key, long position, long[] checkpoint) {
    checkPosition(layout, position);
    if (checkpoint.length > 0) {
      throw new IllegalArgumentException(
          "The checkpoint has "
              + checkpoint.length
              + " records in a reservoir; this order has no reservoir.");
    }
    return order(layout, key);
  }

  private static void checkPosition(ChunkLayout layout, long position) {
    if (position < 0 || position > layout.records()) {
      throw new IllegalArgumentException(
          "The position is " + position + "; the pass has " + layout.records() + " records.");
    }
  }
}

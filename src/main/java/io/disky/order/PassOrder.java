package io.disky.order;

/**
 * The order of one pass over a source: each record comes exactly once. Positions count from 0 to
 * {@link #length()} - 1. For one thread.
 */
public interface PassOrder {
  /** Number of records. */
  long length();

  /**
   * The records at {@code count} positions from {@code position} on. Ascending positions are fast.
   *
   * @param into takes the records, from index {@code at} on
   */
  void records(long position, long[] into, int at, int count);

  /**
   * The position of a record: the inverse of {@link #records}.
   *
   * @throws UnsupportedOperationException if this order cannot compute it
   */
  long positionOf(long record);

  /**
   * Whether neighbouring positions share chunks, so that a decoded chunk is worth keeping until
   * {@link #isDone}. A global shuffle does not.
   */
  boolean sharesChunks();

  /**
   * Whether no position from {@code position} on has a record of {@code chunk}. An earlier position
   * must have one.
   */
  boolean isDone(long chunk, long position);

  /**
   * The numbers from which this order is restored at {@code position}, which {@link #records} must
   * have passed or reached: the numbers of the records in a reservoir. Empty for orders that are
   * pure functions of the position. The array is never changed.
   */
  default long[] checkpoint(long position) {
    return new long[0];
  }
}

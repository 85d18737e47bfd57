package io.disky.order;

/**
 * The order of one epoch: which record of which source is at each position. A pure function of the
 * sources, the key, the number of the epoch and the options of the order. For one thread.
 */
public interface EpochOrder {
  /** Number of positions; {@link Long#MAX_VALUE} if the epoch has no end. */
  long length();

  /** Sets {@code into} to the records at {@code count} positions from {@code position} on. */
  void fill(long position, int count, Picks into);

  /** Whether a decoded chunk of the source is worth keeping until {@link #isDone}. */
  boolean sharesChunks(int source);

  /**
   * Whether no position after the last one that {@link #fill} returned has a record of {@code
   * chunk} of {@code source}, which had one before.
   */
  boolean isDone(int source, long chunk);

  /**
   * What to restore this order from at {@code position}, which {@link #fill} has passed or reached
   * last, in addition to the position. Empty for orders that are pure functions of the position.
   * The array is never changed.
   */
  long[] checkpoint(long position);
}

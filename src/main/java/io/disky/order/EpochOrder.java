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
   * Whether a chunk that had records before is not needed any more: no position after the last call
   * of {@link #fill} has a record of {@code chunk} of {@code source} in the same pass over the
   * source. A chunk that comes again in the next pass only is done.
   */
  boolean isDone(int source, long chunk);

  /**
   * The numbers from which this order is restored at {@code position}, in addition to it. This
   * takes little time near the last position that {@link #fill} has reached. A position that it has
   * not reached must be before the next one to be filled. Empty for orders that are pure functions
   * of the position. The array is never changed.
   */
  long[] checkpoint(long position);
}

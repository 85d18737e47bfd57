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
   * chunk} of {@code source}, which had one before, in the same pass over the source. So a chunk is
   * not kept until it comes again in the next pass.
   */
  boolean isDone(int source, long chunk);

  /**
   * What to restore this order from at {@code position}, in addition to the position. This takes
   * little time near the last position that {@link #fill} has reached. A position that it has not
   * reached must be before the next one to be filled. Empty for orders that are pure functions of
   * the position. The array is never changed.
   */
  long[] checkpoint(long position);
}

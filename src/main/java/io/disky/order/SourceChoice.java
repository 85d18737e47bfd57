package io.disky.order;

/**
 * Chooses the source of each position of an epoch, one position after the other. For one thread.
 */
abstract sealed class SourceChoice permits ExactChoice, RandomChoice {
  /** Number of positions; {@link Long#MAX_VALUE} if the epoch has no end. */
  abstract long length();

  /** The next position. */
  abstract long position();

  /** How many positions before the next one have a record of the source. */
  abstract long count(int source);

  /** Whether the source can be chosen at the next position. */
  abstract boolean isActive(int source);

  /** Makes {@code position} the next one; at most {@link #length()}. */
  abstract void seek(long position);

  /** Chooses the sources of the next positions; not beyond {@link #length()}. */
  abstract void next(int[] into, int count);

  /**
   * Numbers with which {@link #restore} goes near to {@code position} in little time. Empty if
   * {@link #seek} takes little time from each position. They depend on {@code position} only.
   */
  abstract long[] snapshot(long position);

  /**
   * Goes near to the position of a snapshot, at or before it.
   *
   * @throws IllegalArgumentException if the numbers are not a snapshot for {@code position}
   */
  abstract void restore(long position, long[] snapshot);

  /** How many numbers a snapshot has. */
  abstract int snapshotSize();

  /** The same choices, at any position. */
  abstract SourceChoice copy();
}

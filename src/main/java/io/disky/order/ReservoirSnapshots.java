package io.disky.order;

import org.jspecify.annotations.Nullable;

/**
 * The newest snapshots of a reservoir, from which earlier positions are reached. Takes 32 bytes for
 * each record of the reservoir.
 */
final class ReservoirSnapshots {
  static final int COUNT = 4;

  /** The least number of positions between two snapshots; they take a few milliseconds. */
  static final int SPACING = 1 << 18;

  private final long spacing;
  private final long[] positions = new long[COUNT];
  private final long[] @Nullable [] records = new long[COUNT][];
  private int next; // where the next snapshot is stored, instead of the oldest one
  private long newest;

  /**
   * No snapshots.
   *
   * @param size the size of the reservoir; two snapshots are at least this many positions apart
   */
  ReservoirSnapshots(int size) {
    this.spacing = Math.max(SPACING, size);
  }

  /** Whether a pass in ascending positions should take a snapshot. */
  boolean isDue(long position) {
    return position - newest >= spacing;
  }

  /** Copies the records that wait at a position. */
  void take(long position, long[] waiting) {
    long[] copy = records[next];
    if (copy == null) {
      copy = new long[waiting.length];
      records[next] = copy;
    }
    System.arraycopy(waiting, 0, copy, 0, copy.length);
    positions[next] = position;
    newest = position;
    next = (next + 1) % COUNT;
  }

  /** The snapshot of the last position that is at most {@code position}; -1 if there is none. */
  int nearest(long position) {
    int nearest = -1;
    for (int i = 0; i < COUNT; i++) {
      if (records[i] != null
          && positions[i] <= position
          && (nearest < 0 || positions[i] > positions[nearest])) {
        nearest = i;
      }
    }
    return nearest;
  }

  /** The position of a snapshot. */
  long position(int snapshot) {
    return positions[snapshot];
  }

  /** The records of a snapshot, in a new array. */
  long[] copy(int snapshot) {
    long[] kept = records[snapshot];
    if (kept == null) {
      throw new IllegalArgumentException("There is no snapshot " + snapshot + ".");
    }
    return kept.clone();
  }
}

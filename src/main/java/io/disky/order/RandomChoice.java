package io.disky.order;

import java.util.Arrays;

/**
 * Chooses sources at random by weight, by a hash of the position. The number of records that each
 * source has had follows only from all choices before. So the counts at the last {@link #MARKS}
 * marks are kept; a mark is a multiple of {@link #MARK_DISTANCE}.
 */
final class RandomChoice extends SourceChoice {
  /** The largest sum of weights. */
  static final long MOST_WEIGHT = 1L << 62;

  /** Positions between two marks; a power of two. */
  static final int MARK_DISTANCE = 4096;

  /** How many marks are kept. */
  static final int MARKS = 256;

  private final OrderKey key;
  private final long[] weights;
  private final long[] lengths;
  private final Exhaustion exhaustion;
  private final long length;

  private final long[] counts;
  // The weights of the sources that can be chosen, and their sum.
  private final long[] active;
  private long sum;
  private long position;

  // The counts at the last marks, and their positions.
  private final long[] marked;
  private final long[] markPositions = new long[MARKS];

  /**
   * Begins at position 0. With {@link Exhaustion#STOP} and {@link Exhaustion#REPEAT_UNTIL_ALL_SEEN}
   * this makes all choices of the epoch, to find its length.
   *
   * @param lengths number of records of each source
   */
  RandomChoice(OrderKey key, long[] weights, long[] lengths, Exhaustion exhaustion) {
    this(key, weights, lengths, exhaustion, new long[weights.length * MARKS]);
  }

  private RandomChoice(
      OrderKey key, long[] weights, long[] lengths, Exhaustion exhaustion, long[] marked) {
    this.key = key;
    this.weights = weights;
    this.lengths = lengths;
    this.exhaustion = exhaustion;
    this.counts = new long[weights.length];
    this.active = new long[weights.length];
    this.marked = marked;
    Arrays.fill(markPositions, -1);
    reset(0);
    this.length = computedLength();
    reset(0);
  }

  private RandomChoice(RandomChoice other) {
    this.key = other.key;
    this.weights = other.weights;
    this.lengths = other.lengths;
    this.exhaustion = other.exhaustion;
    this.length = other.length;
    this.counts = new long[weights.length];
    this.active = new long[weights.length];
    this.marked = new long[other.marked.length];
    Arrays.fill(markPositions, -1);
    reset(0);
  }

  private long computedLength() {
    return switch (exhaustion) {
      case DROP_OUT -> Arrays.stream(lengths).sum();
      case REPEAT -> Long.MAX_VALUE;
      case STOP -> lengthUntilFirst();
      case REPEAT_UNTIL_ALL_SEEN -> lengthUntilAll();
    };
  }

  private long lengthUntilFirst() {
    while (true) {
      int source = next();
      if (counts[source] > lengths[source]) {
        return position - 1;
      }
    }
  }

  private long lengthUntilAll() {
    int missing = weights.length;
    while (missing > 0) {
      int source = next();
      missing -= counts[source] == lengths[source] ? 1 : 0;
    }
    return position;
  }

  /** Goes to a position, for which the caller has set {@link #counts}, unless it is 0. */
  private void reset(long position) {
    if (position == 0) {
      Arrays.fill(counts, 0);
    }
    this.position = position;
    sum = 0;
    for (int i = 0; i < active.length; i++) {
      boolean out = exhaustion == Exhaustion.DROP_OUT && counts[i] >= lengths[i];
      active[i] = out ? 0 : weights[i];
      sum += active[i];
    }
    mark();
  }

  @Override
  long length() {
    return length;
  }

  @Override
  long position() {
    return position;
  }

  @Override
  long count(int source) {
    return counts[source];
  }

  @Override
  boolean isActive(int source) {
    return active[source] > 0;
  }

  private int next() {
    long number = key.below(sum, position);
    int source = 0;
    while (number >= active[source]) {
      number -= active[source];
      source++;
    }
    position++;
    counts[source]++;
    if (exhaustion == Exhaustion.DROP_OUT && counts[source] == lengths[source]) {
      sum -= active[source];
      active[source] = 0;
    }
    if (position % MARK_DISTANCE == 0) {
      mark();
    }
    return source;
  }

  @Override
  void next(int[] into, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = next();
    }
  }

  private static int slot(long markPosition) {
    return (int) (markPosition / MARK_DISTANCE % MARKS);
  }

  private void mark() {
    int slot = slot(position);
    markPositions[slot] = position;
    System.arraycopy(counts, 0, marked, slot * counts.length, counts.length);
  }

  private boolean isMarked(long position) {
    return markPositions[slot(position)] == position;
  }

  @Override
  void seek(long position) {
    long mark = position - position % MARK_DISTANCE;
    if ((position < this.position || mark > this.position) && isMarked(mark)) {
      System.arraycopy(marked, slot(mark) * counts.length, counts, 0, counts.length);
      reset(mark);
    } else if (position < this.position) {
      reset(0);
    }
    while (this.position < position) {
      next();
    }
  }

  @Override
  long[] snapshot(long position) {
    long mark = position - position % MARK_DISTANCE;
    long[] snapshot = new long[snapshotSize()];
    snapshot[0] = mark;
    if (isMarked(mark)) {
      System.arraycopy(marked, slot(mark) * counts.length, snapshot, 1, counts.length);
    } else {
      RandomChoice other = copy();
      other.seek(mark);
      System.arraycopy(other.counts, 0, snapshot, 1, counts.length);
    }
    return snapshot;
  }

  @Override
  int snapshotSize() {
    return 1 + counts.length;
  }

  @Override
  void restore(long position, long[] snapshot) {
    long mark = snapshot[0];
    if (mark != position - position % MARK_DISTANCE) {
      throw new IllegalArgumentException(
          "the checkpoint is for position " + mark + " and does not fit position " + position);
    }
    long sum = 0;
    for (int i = 0; i < counts.length; i++) {
      long count = snapshot[1 + i];
      boolean tooMany = exhaustion == Exhaustion.DROP_OUT && count > lengths[i];
      if (count < 0 || count > mark || tooMany) {
        throw new IllegalArgumentException(
            "the checkpoint states " + count + " records of source " + i + " before " + mark);
      }
      sum += count;
    }
    if (sum != mark) {
      throw new IllegalArgumentException(
          "the checkpoint states " + sum + " records before position " + mark);
    }
    System.arraycopy(snapshot, 1, counts, 0, counts.length);
    reset(mark);
  }

  @Override
  RandomChoice copy() {
    return new RandomChoice(this);
  }
}

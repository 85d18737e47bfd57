package io.disky.order;

import java.util.Arrays;

/** The turns of a period of an {@link ExactSchedule}. Immutable and thread-safe. */
final class ScheduleTable {
  /** The largest number of sources, so that the index of a source fits into a byte. */
  static final int MOST_SOURCES = 256;

  /** The largest sum of weights, which is the number of turns of a period. */
  static final int LONGEST_PERIOD = 1 << 20;

  /** The least distance, in turns, of turns for which the table has the counts before them. */
  private static final int LEAST_STRIDE = 64;

  /** The approximate largest number of counts in a table. */
  private static final int MANY_COUNTS = 1 << 18;

  private final long[] weights;
  private final byte[] turns;
  private final int stride;
  private final int[] countsBefore;

  /**
   * Makes all steps of a period.
   *
   * @param weights without a common divisor
   */
  ScheduleTable(long[] weights) {
    int sources = weights.length;
    this.weights = weights;
    turns = new byte[Math.toIntExact(Arrays.stream(weights).sum())];
    stride = Math.max(LEAST_STRIDE, (int) ((long) turns.length * sources / MANY_COUNTS));
    countsBefore = new int[(turns.length + stride - 1) / stride * sources];
    SteppedTurns steps = new SteppedTurns(weights);
    for (int i = 0; i < turns.length; i++) {
      if (i % stride == 0) {
        for (int source = 0; source < sources; source++) {
          countsBefore[i / stride * sources + source] = (int) steps.count(source);
        }
      }
      turns[i] = (byte) steps.next();
    }
  }

  /** Number of sources. */
  int sources() {
    return weights.length;
  }

  /** The weight of a source, which is the number of its turns in a period. */
  long weight(int source) {
    return weights[source];
  }

  /** Number of turns of a period. */
  int period() {
    return turns.length;
  }

  /** The source of a turn. */
  int source(int turn) {
    return turns[turn] & 0xff;
  }

  /** Adds to {@code counts} how many turns each source has before a turn. */
  void addCounts(int turn, long[] counts) {
    int known = turn / stride;
    for (int i = 0; i < counts.length; i++) {
      counts[i] += countsBefore[known * counts.length + i];
    }
    for (int i = known * stride; i < turn; i++) {
      counts[turns[i] & 0xff]++;
    }
  }
}

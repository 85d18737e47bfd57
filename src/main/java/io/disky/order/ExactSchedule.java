package io.disky.order;

import java.util.Arrays;

/**
 * The turns of sources such that after each step the number of turns of each source differs from
 * its share by less than 1 (Tijdeman's solution of the chairman assignment problem). Turn j of a
 * source with the share s may be at the steps k, counted from 1, with
 *
 * <pre>  s * k >= j + 1/d  and  s * (k - 1) <= j + 1 - 1/d,  d = max(2, 2 * sources - 2)</pre>
 *
 * Of the sources whose next turn may be at a step, the one whose turn must come first has it; of
 * those, the one with the lowest index. The turns repeat after as many steps as the sum of the
 * weights. For one thread.
 */
abstract sealed class ExactSchedule permits SteppedSchedule, TabledSchedule {
  /** The most sources: then no intermediate value overflows. */
  static final int MOST_SOURCES = 256;

  /** The largest sum of the weights: then a search steps over so many turns at most. */
  static final long MOST_WEIGHT = 1 << 24;

  final long[] weights;

  /** Sum of the weights: the number of steps after which the turns repeat. */
  final long period;

  final long denominator;

  /** How many turns each source has had. */
  final long[] counts;

  ExactSchedule(long[] weights) {
    this.weights = weights;
    this.period = Arrays.stream(weights).sum();
    this.denominator = Math.max(2, 2L * weights.length - 2);
    this.counts = new long[weights.length];
  }

  /**
   * A schedule at step 0.
   *
   * @param weights without a common divisor
   */
  static ExactSchedule of(long[] weights) {
    SteppedSchedule stepped = new SteppedSchedule(weights);
    return stepped.period <= TabledSchedule.LARGEST_PERIOD ? new TabledSchedule(stepped) : stepped;
  }

  /** Number of steps before the next one. */
  abstract long position();

  /** Goes to where {@code position} steps have been taken. */
  abstract void seek(long position);

  /** The source whose turn the next step is; takes the step. */
  abstract int next();

  /** Takes {@code count} steps. */
  abstract void next(int[] into, int at, int count);

  /**
   * The number of steps before the earliest of these turns, of which there is one for each source.
   *
   * @throws IllegalArgumentException if there are too many
   */
  final long earliest(long[] turns) {
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < turns.length; i++) {
      lowest = Math.min(lowest, stepsBefore(i, turns[i]));
    }
    seek(requirePositions(lowest));
    while (true) {
      int source = next();
      if (counts[source] > turns[source]) {
        return position() - 1;
      }
    }
  }

  /**
   * The number of steps before the latest of these turns; one for each source.
   *
   * @throws IllegalArgumentException if there are too many
   */
  final long latest(long[] turns) {
    long lowest = 0;
    for (int i = 0; i < turns.length; i++) {
      lowest = Math.max(lowest, stepsBefore(i, turns[i]));
    }
    seek(requirePositions(lowest));
    int missing = 0;
    for (int i = 0; i < turns.length; i++) {
      missing += counts[i] <= turns[i] ? 1 : 0;
    }
    while (missing > 0) {
      int source = next();
      missing -= counts[source] == turns[source] + 1 ? 1 : 0;
    }
    return position() - 1;
  }

  private static long requirePositions(long positions) {
    if (positions > OrderSource.MOST_RECORDS) {
      throw new IllegalArgumentException(
          "the epoch has more than "
              + OrderSource.MOST_RECORDS
              + " positions: repeat the sources less often, or give the larger ones more weight");
    }
    return positions;
  }

  /** The least number of steps before a turn; {@link Long#MAX_VALUE} if it is not a long. */
  private long stepsBefore(int source, long turn) {
    long weight = weights[source];
    long local = turn % weight;
    long divisor = denominator * weight;
    long inPeriod = ((local * denominator + 1) * period + divisor - 1) / divisor - 1;
    long periods = turn / weight;
    return Math.multiplyHigh(periods, period) != 0 || periods * period + inPeriod < 0
        ? Long.MAX_VALUE
        : periods * period + inPeriod;
  }
}

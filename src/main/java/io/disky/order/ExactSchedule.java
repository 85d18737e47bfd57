package io.disky.order;

import java.util.Arrays;

/**
 * The turns of sources such that after each step the number of turns of each source differs from
 * its share by less than 1. {@link SteppedTurns} has the rule. For one thread.
 */
final class ExactSchedule {
  private final ScheduleTable table;

  /** How many turns each source has had. */
  final long[] counts;

  private long position;
  private int inPeriod;

  /** A schedule at step 0. */
  ExactSchedule(ScheduleTable table) {
    this.table = table;
    this.counts = new long[table.sources()];
  }

  /** The table of turns, for another schedule. */
  ScheduleTable table() {
    return table;
  }

  /** Number of steps that have been taken. */
  long position() {
    return position;
  }

  /** Goes to the state after {@code position} steps. */
  void seek(long position) {
    if (position == this.position) {
      return;
    }
    this.position = position;
    inPeriod = (int) (position % table.period());
    long periods = position / table.period();
    for (int i = 0; i < counts.length; i++) {
      counts[i] = periods * table.weight(i);
    }
    table.addCounts(inPeriod, counts);
  }

  /** The source whose turn the next step is; takes the step. */
  int next() {
    int source = table.source(inPeriod);
    position++;
    inPeriod = inPeriod + 1 == table.period() ? 0 : inPeriod + 1;
    counts[source]++;
    return source;
  }

  /** Takes {@code count} steps. */
  void next(int[] into, int at, int count) {
    for (int i = at; i < at + count; i++) {
      into[i] = next();
    }
  }

  /**
   * The number of steps before the earliest of these turns.
   *
   * @param turns the number of one turn of each source, from 0 on
   * @throws IllegalArgumentException if there are more than {@link OrderSource#MOST_RECORDS} steps
   */
  long earliest(long[] turns) {
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < turns.length; i++) {
      lowest = Math.min(lowest, stepsBefore(i, turns[i]));
    }
    seek(requirePositions(lowest));
    while (true) {
      int source = next();
      if (counts[source] > turns[source]) {
        return position - 1;
      }
    }
  }

  /**
   * The number of steps before the latest of these turns.
   *
   * @param turns the number of one turn of each source, from 0 on
   * @throws IllegalArgumentException if there are more than {@link OrderSource#MOST_RECORDS} steps
   */
  long latest(long[] turns) {
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
    return position - 1;
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

  /** The least number of steps before a turn; {@link Long#MAX_VALUE} if it exceeds a long. */
  private long stepsBefore(int source, long turn) {
    long weight = table.weight(source);
    long period = table.period();
    long denominator = SteppedTurns.denominator(counts.length);
    long divisor = denominator * weight;
    long local = turn % weight;
    long inOne = ((local * denominator + 1) * period + divisor - 1) / divisor - 1;
    long periods = turn / weight;
    boolean tooMany = Math.multiplyHigh(periods, period) != 0 || periods * period + inOne < 0;
    return tooMany ? Long.MAX_VALUE : periods * period + inOne;
  }

  @Override
  public String toString() {
    return "ExactSchedule[" + Arrays.toString(counts) + " at " + position + "]";
  }
}

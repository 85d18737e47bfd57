package io.disky.order;

import java.util.Arrays;

/**
 * The turns of sources, each found from the ones before it, such that after each step the number of
 * turns of each source differs from its share by less than 1 (Tijdeman's solution of the chairman
 * assignment problem). Turn j of a source with the share s can be at the steps k, counted from 1,
 * with
 *
 * <pre>  s * k >= j + 1/d  and  s * (k - 1) <= j + 1 - 1/d,  d = max(2, 2 * sources - 2)</pre>
 *
 * Of the sources whose next turn can be at a step, the source whose turn must come earliest has the
 * step; if that is equal for several, the source with the lowest index. The turns repeat after as
 * many steps as the sum of the weights. For one thread.
 */
final class SteppedTurns {
  private final long[] counts;

  // The steps, counted from 1, at which the next turn of each source may be at the earliest and
  // must be at the latest, and the remainders of the divisions that gave them.
  private final long[] earliest;
  private final long[] earliestRemainder;
  private final long[] latest;
  private final long[] latestRemainder;

  // What a turn adds to these: a quotient and a remainder, over a divisor.
  private final long[] quotients;
  private final long[] remainders;
  private final long[] divisors;

  private long step;

  /**
   * Before the first step.
   *
   * @param weights of at most {@link ScheduleTable#MOST_SOURCES} sources, with a sum of at most
   *     {@link ScheduleTable#LONGEST_PERIOD}, so that nothing overflows
   */
  SteppedTurns(long[] weights) {
    int sources = weights.length;
    long sum = Arrays.stream(weights).sum();
    long denominator = denominator(sources);
    counts = new long[sources];
    earliest = new long[sources];
    earliestRemainder = new long[sources];
    latest = new long[sources];
    latestRemainder = new long[sources];
    quotients = new long[sources];
    remainders = new long[sources];
    divisors = new long[sources];
    for (int i = 0; i < sources; i++) {
      quotients[i] = sum / weights[i];
      remainders[i] = sum % weights[i] * denominator;
      divisors[i] = denominator * weights[i];
      earliest[i] = (sum - 1) / divisors[i] + 1;
      earliestRemainder[i] = (sum - 1) % divisors[i];
      latest[i] = (denominator - 1) * sum / divisors[i] + 1;
      latestRemainder[i] = (denominator - 1) * sum % divisors[i];
    }
  }

  /** The number d of the bounds for the turns. */
  static long denominator(int sources) {
    return Math.max(2, 2L * sources - 2);
  }

  /** How many turns a source has had. */
  long count(int source) {
    return counts[source];
  }

  /** The source whose turn the next step is; takes the step. */
  int next() {
    long number = ++step;
    int chosen = -1;
    long limit = Long.MAX_VALUE;
    for (int i = 0; i < earliest.length; i++) {
      if (earliest[i] <= number && latest[i] < limit) {
        limit = latest[i];
        chosen = i;
      }
    }
    count(chosen, divisors[chosen]);
    return chosen;
  }

  private void count(int source, long divisor) {
    counts[source]++;
    earliest[source] += quotients[source];
    earliestRemainder[source] += remainders[source];
    if (earliestRemainder[source] >= divisor) {
      earliestRemainder[source] -= divisor;
      earliest[source]++;
    }
    latest[source] += quotients[source];
    latestRemainder[source] += remainders[source];
    if (latestRemainder[source] >= divisor) {
      latestRemainder[source] -= divisor;
      latest[source]++;
    }
  }
}

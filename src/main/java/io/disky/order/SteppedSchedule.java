package io.disky.order;

/** An {@link ExactSchedule} that finds each turn from the one before it. */
final class SteppedSchedule extends ExactSchedule {
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

  SteppedSchedule(long[] weights) {
    super(weights);
    int sources = weights.length;
    earliest = new long[sources];
    earliestRemainder = new long[sources];
    latest = new long[sources];
    latestRemainder = new long[sources];
    quotients = new long[sources];
    remainders = new long[sources];
    divisors = new long[sources];
    for (int i = 0; i < sources; i++) {
      quotients[i] = period / weights[i];
      remainders[i] = period % weights[i] * denominator;
      divisors[i] = denominator * weights[i];
    }
    begin(0);
  }

  /** Goes to the beginning of a period. */
  private void begin(long number) {
    step = number * period;
    for (int i = 0; i < weights.length; i++) {
      counts[i] = number * weights[i];
      earliest[i] = step + (period - 1) / divisors[i] + 1;
      earliestRemainder[i] = (period - 1) % divisors[i];
      latest[i] = step + (denominator - 1) * period / divisors[i] + 1;
      latestRemainder[i] = (denominator - 1) * period % divisors[i];
    }
  }

  @Override
  long position() {
    return step;
  }

  @Override
  void seek(long position) {
    long fromPeriod = position % period;
    if (position < step || position - step > fromPeriod) {
      begin(position / period);
    }
    while (step < position) {
      next();
    }
  }

  @Override
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
    count(chosen);
    return chosen;
  }

  private void count(int source) {
    counts[source]++;
    long divisor = divisors[source];
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

  @Override
  void next(int[] into, int at, int count) {
    for (int i = at; i < at + count; i++) {
      into[i] = next();
    }
  }
}

package io.disky.fetching;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often and for how long a request is attempted.
 *
 * @param maxAttempts the largest number of attempts, hedged ones included
 * @param timeout how long one attempt may take
 * @param deadline how long all attempts together may take
 * @param hedgeAfter when a second attempt begins if the first one has no answer; {@code null} for
 *     never
 */
public record AttemptSettings(
    int maxAttempts, Duration timeout, Duration deadline, @Nullable Duration hedgeAfter) {
  public static final AttemptSettings DEFAULT =
      new AttemptSettings(6, Duration.ofMinutes(2), Duration.ofMinutes(10), null);

  // The first delay is longer than a request takes, so that a store that is overloaded for a moment
  // gets no second request in the same moment.
  private static final long FIRST_DELAY = 100_000_000;
  private static final long LONGEST_DELAY = 10_000_000_000L;

  /**
   * How long to wait after an attempt that failed, in nanoseconds: twice as long after each one.
   * Half of it is random, so that clients whose requests failed together do not repeat them
   * together.
   *
   * @param attempts number of attempts so far, at least 1
   * @param random 0 to 1
   */
  static long delay(int attempts, double random) {
    long delay = Math.min(LONGEST_DELAY, FIRST_DELAY << Math.min(attempts - 1, 10));
    return (long) (delay * (0.5 + random / 2));
  }
}

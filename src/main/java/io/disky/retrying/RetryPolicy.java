package io.disky.retrying;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often a failed request is repeated, and after which delays. The limit of the delays doubles
 * with each attempt up to a largest limit; the delay is a random part of its limit (full jitter),
 * so that clients whose requests failed together do not repeat them together. If the store states a
 * delay, the random delay is added to that one for the same reason.
 *
 * @param maxAttempts the largest number of attempts, hedged ones included
 * @param firstDelay the limit of the first delay
 * @param maxDelay the largest limit
 * @param timeout how long one attempt may take
 * @param deadline how long all attempts together may take; no attempt begins later
 */
public record RetryPolicy(
    int maxAttempts, Duration firstDelay, Duration maxDelay, Duration timeout, Duration deadline) {
  /** The policy of the default options. */
  public static final RetryPolicy DEFAULT = of(6, Duration.ofMinutes(2), Duration.ofMinutes(10));

  /** Delays of up to 100 ms, 200 ms, ... 10 s. */
  public static RetryPolicy of(int maxAttempts, Duration timeout, Duration deadline) {
    // The first limit is longer than most requests take: a store that is overloaded for a moment
    // gets few second requests in the same moment.
    return new RetryPolicy(
        maxAttempts, Duration.ofMillis(100), Duration.ofSeconds(10), timeout, deadline);
  }

  /** Whether a request that was attempted {@code attempts} times may be attempted again. */
  public boolean allowsAttemptAfter(int attempts) {
    return attempts < maxAttempts;
  }

  /**
   * The delay before the next attempt in nanoseconds; -1 if that attempt would begin after the
   * deadline.
   *
   * @param attempts number of attempts so far, at least 1
   * @param age nanoseconds since the first attempt began
   * @param requested the shortest delay, which the store has stated: any; {@code null} for none
   * @param random at least 0 and less than 1
   */
  public long delay(int attempts, long age, @Nullable Duration requested, double random) {
    long left = deadline.toNanos() - age;
    long stated = requested == null ? 0 : nanos(requested);
    long delay = (long) (limit(attempts) * random);
    return stated > left - delay ? -1 : stated + delay;
  }

  private long limit(int attempts) {
    long limit = firstDelay.toNanos();
    for (int i = 1; i < attempts && limit < maxDelay.toNanos(); i++) {
      limit *= 2;
    }
    return Math.min(limit, maxDelay.toNanos());
  }

  private static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return duration.compareTo(Duration.ofDays(1)) > 0 ? Long.MAX_VALUE : duration.toNanos();
  }
}

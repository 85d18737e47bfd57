package io.disky.uploading;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often a failed request is repeated, and after which delays. Each delay is a random duration
 * of up to a limit, which doubles with each attempt, so that many clients do not return at once.
 *
 * @param maxAttempts the largest number of attempts
 * @param firstDelay the limit of the first delay
 * @param maxDelay the largest limit; a delay that the store requests may be longer
 * @param deadline no attempt begins later than this after the first one
 */
public record RetryPolicy(
    int maxAttempts, Duration firstDelay, Duration maxDelay, Duration deadline) {
  /** Delays of up to 100 ms, 200 ms, ... 10 s. */
  public static RetryPolicy of(int maxAttempts, Duration deadline) {
    return new RetryPolicy(maxAttempts, Duration.ofMillis(100), Duration.ofSeconds(10), deadline);
  }

  /**
   * Returns the delay before the next attempt in nanoseconds; -1 if there is no further attempt.
   *
   * @param attempts number of attempts so far
   * @param age nanoseconds since the first attempt began
   * @param requested the shortest delay
   */
  public long nextDelay(int attempts, long age, Duration requested) {
    if (attempts >= maxAttempts) {
      return -1;
    }
    long limit = firstDelay.toNanos();
    for (int i = 1; i < attempts && limit < maxDelay.toNanos(); i++) {
      limit *= 2;
    }
    limit = Math.min(limit, maxDelay.toNanos());
    long random = limit <= 0 ? 0 : ThreadLocalRandom.current().nextLong(limit + 1);
    long delay = Math.max(random, saturated(requested));
    return delay > deadline.toNanos() - age ? -1 : delay;
  }

  /** The nanoseconds of a duration that a store has stated, which may be any. */
  private static long saturated(Duration duration) {
    return duration.compareTo(Duration.ofDays(1)) > 0 ? Long.MAX_VALUE : duration.toNanos();
  }
}

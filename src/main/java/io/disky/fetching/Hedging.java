package io.disky.fetching;

import java.time.Duration;

/**
 * When a request without an answer is made a second time. The requests of one or several files
 * share it. Thread-safe; it takes no other lock.
 */
public interface Hedging {
  /** The delay of requests that are not made a second time. */
  long NO_DELAY = -1;

  /** No request is made a second time. */
  Hedging NEVER = new FixedHedging(NO_DELAY);

  /** Each request is made a second time after {@code delay}. */
  static Hedging after(Duration delay) {
    return new FixedHedging(delay.toNanos());
  }

  /**
   * A request for {@code bytes} bytes has begun, which is not itself a second one.
   *
   * @return nanoseconds after which it is made a second time; {@link #NO_DELAY} if it is not
   */
  long begun(int bytes);

  /** Whether a second request may begin now. The caller then begins it. */
  boolean allows();

  /**
   * A request for {@code bytes} bytes was answered after {@code nanos} nanoseconds, or was given up
   * without an answer after that time.
   */
  void observed(int bytes, long nanos);
}

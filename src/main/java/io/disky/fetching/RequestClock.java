package io.disky.fetching;

/** Time, delays and randomness. Tests have a clock of their own. Thread-safe. */
public interface RequestClock {
  /** The time of the system. */
  RequestClock SYSTEM = new SystemClock();

  /** A time in nanoseconds, to compare with others of this clock. */
  long nanoTime();

  /** Runs {@code action} after a delay, on a thread of the clock, unless it is cancelled before. */
  Timer schedule(long nanos, Runnable action);

  /** A random number, at least 0 and less than 1. */
  double random();

  /** A scheduled action. */
  @FunctionalInterface
  interface Timer {
    Timer NONE = () -> {};

    /** Cancels the action, unless it has begun. */
    void cancel();
  }
}

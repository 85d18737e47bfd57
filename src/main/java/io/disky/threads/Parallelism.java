package io.disky.threads;

/** The number of threads that an object has in addition to the thread that calls it. */
public final class Parallelism {
  /** The largest number of threads. */
  public static final int MAX_THREADS = 1 << 10;

  private Parallelism() {}

  /**
   * Returns {@code threads} if it is a valid number of threads.
   *
   * @throws IllegalArgumentException if it is not 0 to {@link #MAX_THREADS}
   */
  public static int check(int threads) {
    if (threads < 0 || threads > MAX_THREADS) {
      throw new IllegalArgumentException(
          "parallelism " + threads + " is outside 0 to " + MAX_THREADS + " threads");
    }
    return threads;
  }
}

package io.disky.threads;

/** How many threads of its own an object may have, in addition to those that call it. */
public final class Parallelism {
  /** The bound for all objects. */
  public static final int MAX = 1 << 10;

  private Parallelism() {}

  /**
   * Returns {@code threads}.
   *
   * @param min 0 if the calling thread can do the work by itself, else 1
   * @throws IllegalArgumentException if {@code threads} is outside {@code min} to {@link #MAX}
   */
  public static int check(int threads, int min) {
    if (threads < min || threads > MAX) {
      throw new IllegalArgumentException(
          "parallelism " + threads + " is outside " + min + " to " + MAX + " threads");
    }
    return threads;
  }
}

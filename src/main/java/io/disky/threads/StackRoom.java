package io.disky.threads;

/**
 * Sees to it that the first use of something finds enough room on the stack. Classes of the
 * bindings link native functions when they are initialised; a class whose initialisation meets the
 * end of the stack can never be used again, while a call that fails before it can be made again.
 */
public final class StackRoom {
  // More than linking a function takes, and less than the smallest stacks that threads are given:
  // about 75 KiB of interpreted code, a third of compiled code.
  private static final int DEPTH = 256;

  // Written and read by any thread: to look once too often does no harm.
  private boolean used;

  /**
   * Checks that there is room, unless there was a use before.
   *
   * @throws StackOverflowError if there is not
   */
  public void check() {
    if (!used) {
      long taken = take(DEPTH, 1, 2, 3, 4, 5, 6, 7, 8);
      assert taken != 0;
    }
  }

  /** There was a use: what it has initialised will not be again. */
  public void used() {
    used = true;
  }

  /** What is added after the call keeps all parameters on the stack meanwhile. */
  private static long take(
      int depth, long a, long b, long c, long d, long e, long f, long g, long h) {
    if (depth == 0) {
      return 1;
    }
    long below = take(depth - 1, b, c, d, e, f, g, h, a + depth);
    return below + (a ^ b) + (c ^ d) + (e ^ f) + (g ^ h);
  }
}

package io.disky.threads;

/**
 * Checks that the stack has enough room for an operation before the operation begins.
 *
 * <p>{@link #require} is for every operation that changes an object in several steps. If the stack
 * were exhausted between two steps, the object would stay in an intermediate state; if it were
 * exhausted during the clean-up, other threads would wait for ever. The user's code that the
 * operation calls may exhaust the stack; after it has thrown, the stack has room again.
 *
 * <p>An instance is for the first use of a feature, which needs more room. Classes of the bindings
 * link native functions when they are initialised. If the stack is exhausted during that, the class
 * can never be used again; a call that fails before that can be repeated.
 */
public final class StackRoom {
  // More than linking a function needs, and less than the smallest stacks of threads: about 75 KiB
  // if the code is interpreted, a third of that if it is compiled.
  private static final int DEPTH = 256;

  // More than operations need without the user's code: about 14 KiB if the code is compiled, three
  // times as much if it is interpreted. The check takes a third of a microsecond.
  private static final int DEPTH_OF_OPERATIONS = 160;

  // Any thread reads and writes this: an unnecessary check does no harm.
  private boolean used;

  /** Creates a check for the first use of a feature. */
  public StackRoom() {}

  /**
   * Checks that the stack has room for an operation. Call this before the operation changes
   * anything.
   *
   * @throws StackOverflowError if the stack has no room
   */
  public static void require() {
    long taken = take(DEPTH_OF_OPERATIONS, 1, 2, 3, 4, 5, 6, 7, 8);
    assert taken != 0;
  }

  /**
   * Checks that the stack has room, unless {@link #used()} was called before.
   *
   * @throws StackOverflowError if the stack has no room
   */
  public void check() {
    if (!used) {
      long taken = take(DEPTH, 1, 2, 3, 4, 5, 6, 7, 8);
      assert taken != 0;
    }
  }

  /** Records the first use: later uses initialise nothing. */
  public void used() {
    if (!used) {
      used = true;
    }
  }

  /**
   * Calls itself {@code depth} times. The sum after the call keeps all parameters on the stack
   * during the call.
   */
  private static long take(
      int depth, long a, long b, long c, long d, long e, long f, long g, long h) {
    if (depth == 0) {
      return 1;
    }
    long below = take(depth - 1, b, c, d, e, f, g, h, a + depth);
    return below + (a ^ b) + (c ^ d) + (e ^ f) + (g ^ h);
  }
}

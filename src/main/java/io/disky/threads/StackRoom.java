package io.disky.threads;

/**
 * Sees to it that an operation finds enough room on the stack, and is otherwise not begun.
 *
 * <p>{@link #require} is for any operation that changes an object in several steps: one that meets
 * the end of the stack between two of them would leave the object half changed, and one that meets
 * it while it cleans up would leave others waiting. User code that the operation calls may fill the
 * stack; when that code has thrown, the room is there again.
 *
 * <p>An instance is for the first use of something, which takes more. Classes of the bindings link
 * native functions when they are initialised; a class whose initialisation meets the end of the
 * stack can never be used again, while a call that fails before it can be made again.
 */
public final class StackRoom {
  // More than linking a function takes, and less than the smallest stacks that threads are given:
  // about 75 KiB of interpreted code, a third of compiled code.
  private static final int DEPTH = 256;

  // More than operations take without the user's code: about 14 KiB of compiled code, and three
  // times as much of interpreted code. Takes a third of a microsecond.
  private static final int DEPTH_OF_OPERATIONS = 160;

  // Written and read by any thread: to look once too often does no harm.
  private boolean used;

  /** For the first use of something. */
  public StackRoom() {}

  /**
   * Checks that there is room for an operation. To be called before the operation changes anything.
   *
   * @throws StackOverflowError if there is not
   */
  public static void require() {
    long taken = take(DEPTH_OF_OPERATIONS, 1, 2, 3, 4, 5, 6, 7, 8);
    assert taken != 0;
  }

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
    if (!used) {
      used = true;
    }
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

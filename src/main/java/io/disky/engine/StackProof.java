package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.threads.StackRoom;

/**
 * Does the same as {@link StackRoom#require}, in a fraction of the time if the current thread has
 * passed that check before at the same depth of its stack, or deeper. The native library knows the
 * depth, which Java code cannot find out. For operations that are so short that the check would
 * take a considerable part of their time.
 */
public final class StackProof {
  private static final StackRoom LINKING = new StackRoom();

  // Linking takes milliseconds, which a program that reads one file need not wait for.
  private static final int CALLS_BEFORE_LINKING = 64;

  // Any thread reads and writes these: a lost count or linking twice does no harm.
  private static int calls;
  private static boolean linked;

  private StackProof() {}

  /**
   * Checks that the stack has room for an operation. Call this before the operation changes
   * anything.
   *
   * @throws StackOverflowError if the stack has no room
   */
  public static void require() {
    if (!linked) {
      StackRoom.require();
      if (++calls > CALLS_BEFORE_LINKING) {
        link();
      }
    } else if (disky_h.disky_stack_is_proven() == 0) {
      StackRoom.require();
      disky_h.disky_stack_prove();
    }
  }

  private static void link() {
    Engine.ensureReady();
    LINKING.check();
    disky_h.disky_stack_prove();
    disky_h.disky_stack_is_proven();
    LINKING.used();
    linked = true;
  }
}

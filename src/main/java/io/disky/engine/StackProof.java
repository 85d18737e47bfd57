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

  // Any thread reads and writes this: linking twice does no harm.
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
      Engine.ensureReady();
      LINKING.check();
      disky_h.disky_stack_prove();
      disky_h.disky_stack_is_proven();
      LINKING.used();
      linked = true;
    } else if (disky_h.disky_stack_is_proven() == 0) {
      StackRoom.require();
      disky_h.disky_stack_prove();
    }
  }
}

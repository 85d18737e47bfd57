package io.disky.memory;

import java.io.IOException;

/**
 * An access to memory that is no longer there: that of a mapped file which somebody has shortened,
 * or whose storage has failed.
 *
 * <p>The JVM then throws an {@link InternalError}, but compiled code only some time after the
 * access, by when what was read there may have been used. After an access to memory of a user, and
 * before anything depends on it, {@link #throwPending} is called.
 */
public final class MemoryFault extends IOException {
  private static final long serialVersionUID = 1;

  // A loop is kept, with the point at its end where the JVM throws, only if the compiler does not
  // know how often it runs.
  private static volatile int turns = 3;

  private MemoryFault(String message, InternalError cause) {
    super(message, cause);
  }

  /**
   * The failure of an access.
   *
   * @param what which memory it is, and what it was for
   */
  public static MemoryFault of(String what, InternalError error) {
    return new MemoryFault(
        what
            + " is no longer there: the mapped file was truncated, or its storage fails; map the"
            + " file as it is now, or keep it from being truncated while it is mapped",
        error);
  }

  /**
   * Has the JVM throw what it still has to throw for accesses of this thread.
   *
   * @throws InternalError if an access has failed, and the JVM has not said so yet
   */
  public static void throwPending() {
    int left = turns;
    while (left > 0) {
      left = Math.min(left - 1, turns);
    }
  }
}

package io.disky.memory;

import java.io.IOException;

/**
 * An access to memory of a mapped file that was truncated, or whose storage has failed.
 *
 * <p>The JVM then throws an {@link InternalError}. In compiled code it does so some time after the
 * access, when the bytes that were read may already have been used. So callers must call {@link
 * #throwPending} after an access to memory of a user, before anything depends on that access.
 */
public final class MemoryFault extends IOException {
  private static final long serialVersionUID = 1;

  // The JVM throws at the end of a loop iteration. The compiler keeps the loop only if it does not
  // know the number of iterations.
  private static volatile int turns = 3;

  private MemoryFault(String message, InternalError cause) {
    super(message, cause);
  }

  /**
   * The failure of an access.
   *
   * @param what the memory and its purpose, for the message
   */
  public static MemoryFault of(String what, InternalError error) {
    return new MemoryFault(
        what
            + " cannot be accessed: the mapped file was truncated, or its storage fails; map the"
            + " file again, or prevent its truncation while it is mapped",
        error);
  }

  /**
   * Makes the JVM throw the pending error of earlier accesses of this thread, if there is one.
   *
   * @throws InternalError if an access has failed, and the JVM has not yet thrown the error
   */
  public static void throwPending() {
    int left = turns;
    while (left > 0) {
      left = Math.min(left - 1, turns);
    }
  }
}

package io.disky.memory;

/**
 * The {@link InternalError} of an access to memory of a mapped file that was truncated, or whose
 * storage has failed, as long as the JVM has not thrown it.
 *
 * <p>In compiled code the JVM throws the error some time after the access, when the bytes that were
 * read may already have been used. So callers must call {@link #raise} after an access to memory of
 * a user, before anything depends on that access.
 */
public final class PendingFault {
  // The JVM throws at the end of a loop iteration. The compiler keeps the loop only if it does not
  // know the number of iterations.
  private static volatile int turns = 3;

  private PendingFault() {}

  /**
   * Makes the JVM throw the pending error of earlier accesses of this thread, if there is one.
   *
   * @throws InternalError if an access has failed, and the JVM has not yet thrown the error
   */
  // Not a method of MemoryFault: the JVM does not inline methods of exceptions.
  public static void raise() {
    int left = turns;
    while (left > 0) {
      left = Math.min(left - 1, turns);
    }
  }
}

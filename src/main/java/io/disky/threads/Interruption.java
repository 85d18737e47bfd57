package io.disky.threads;

import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The effect of an interrupt, which is the same in all classes: an operation that waits fails, and
 * the thread stays interrupted. Operations that do not wait ignore the interrupt, and so does the
 * end of an object, which waits for its threads.
 */
public final class Interruption {
  private Interruption() {}

  /**
   * The exception for the current thread, which stays interrupted.
   *
   * @param name the name of the file or other object in the message
   * @param doing the operation that was interrupted, for example {@code waiting for more records}
   * @param cause the exception by which the interrupt was detected, if any
   */
  public static InterruptedIOException exception(
      String name, String doing, @Nullable InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted =
        new InterruptedIOException(name + ": interrupted while " + doing);
    if (cause != null) {
      interrupted.initCause(cause);
    }
    return interrupted;
  }

  /** Returns when {@code latch} is open; an interrupt is kept for later. */
  public static void await(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

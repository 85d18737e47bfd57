package io.disky.threads;

import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * What an interrupt comes to, the same everywhere: what waits for something fails, and the thread
 * stays interrupted. What does not wait takes no notice of it.
 */
public final class Interruption {
  private Interruption() {}

  /**
   * The exception for the current thread, which stays interrupted.
   *
   * @param name what messages call the file, or whatever else it is about
   * @param doing what it was that was interrupted: {@code waiting for more records} for example
   * @param cause how it was found out, if by an exception
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
}

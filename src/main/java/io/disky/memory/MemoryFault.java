package io.disky.memory;

import java.io.IOException;

/**
 * An access to memory of a mapped file that was truncated, or whose storage has failed. The JVM
 * then throws an {@link InternalError}, but not at once: see {@link PendingFault}.
 */
public final class MemoryFault extends IOException {
  private static final long serialVersionUID = 1;

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
}

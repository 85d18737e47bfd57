package io.disky;

import io.disky.files.Origin;
import io.disky.memory.MemoryFault;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the caller gave is no longer there: it is that of a mapped file which was truncated
 * after it was mapped, or whose storage has failed. The message says which memory. The remedy is to
 * map the file as it is now, or to keep others from truncating it while it is mapped.
 *
 * <p>A record whose bytes were to come from there is not written; the writer goes on with the next
 * one as if nothing had been asked of it. If what is written <em>to</em> is gone, the writer has
 * failed, as after every other failed write. A reader stays where it is.
 */
public final class MemoryFaultException extends IOException {
  private static final long serialVersionUID = 1;

  private MemoryFaultException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The exception for memory that an operation on {@code file} was given. */
  static MemoryFaultException of(MemoryFault failure, Origin file) {
    return new MemoryFaultException(file + ": " + failure.getMessage(), failure.getCause());
  }
}

package io.disky;

import io.disky.files.Origin;
import io.disky.memory.MemoryFault;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Memory of the caller cannot be accessed any more: it belongs to a mapped file that was truncated
 * after it was mapped, or whose storage has failed. The message says which memory. The remedy is to
 * map the file again, or to prevent its truncation while it is mapped.
 *
 * <p>A record that lies in this memory is not written; the writer can go on with the next record.
 * If the memory that a writer writes <em>to</em> is lost, the writer has failed, as after every
 * other failed write. The position of a reader does not change.
 */
public final class MemoryFaultException extends IOException {
  private static final long serialVersionUID = 1;

  private MemoryFaultException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The exception for memory of the caller that an operation on {@code file} used. */
  static MemoryFaultException of(MemoryFault failure, Origin file) {
    return new MemoryFaultException(file + ": " + failure.getMessage(), failure.getCause());
  }
}

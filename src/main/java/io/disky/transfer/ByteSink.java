package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The destination of a writer that does not write to a file. One thread at a time may use it. */
public interface ByteSink extends AutoCloseable {
  /** Writes all of {@code bytes}, native memory, after the bytes that were written before. */
  void write(MemorySegment bytes) throws IOException;

  /**
   * Passes on all bytes that were written before.
   *
   * @param lasting whether the bytes must outlive a power cut, if the destination can do that
   */
  void flush(boolean lasting) throws IOException;

  /** Ends the destination after all bytes were written. */
  @Override
  void close() throws IOException;

  /**
   * Ends the destination instead of {@link #close()} if bytes are missing. A destination in which
   * only complete files appear then leaves nothing.
   */
  default void abandon() throws IOException {
    close();
  }
}

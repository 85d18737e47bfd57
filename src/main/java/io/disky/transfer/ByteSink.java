package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where the bytes of a writer go that has no file of its own. For one thread at a time. */
public interface ByteSink extends AutoCloseable {
  /** Writes all of {@code bytes}, native memory, behind what was written before. */
  void write(MemorySegment bytes) throws IOException;

  /**
   * Hands on what was written.
   *
   * @param lasting whether it is to outlive a power cut, as far as whatever takes it can do that
   */
  void flush(boolean lasting) throws IOException;

  @Override
  void close() throws IOException;
}

package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The source of a reader that does not read a file. One thread at a time may use it. */
public interface ByteSource extends AutoCloseable {
  /** The {@link #size()} of a stream. */
  long UNKNOWN_SIZE = -1;

  /** The number of bytes; {@link #UNKNOWN_SIZE} if they can only be read one after the other. */
  long size() throws IOException;

  /**
   * Reads bytes from {@code position} on. For a stream, {@code position} is after all bytes that
   * were read before.
   *
   * @param most at least 1
   * @return 1 to {@code most} bytes, or 0 bytes at the end, in native memory that is valid until
   *     the next call
   */
  MemorySegment read(long position, long most) throws IOException;

  /**
   * Another source of the same bytes, which another thread may use at the same time, and which is
   * closed by itself; {@code null} if the bytes can be read by one source only.
   */
  default @Nullable ByteSource share() {
    return null;
  }

  @Override
  void close() throws IOException;
}

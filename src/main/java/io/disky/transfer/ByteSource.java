package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where the bytes of a reader come from that has no file of its own. For one thread at a time. */
public interface ByteSource extends AutoCloseable {
  /** What {@link #size()} is of a stream. */
  long UNKNOWN_SIZE = -1;

  /**
   * How many bytes there are; {@link #UNKNOWN_SIZE} if they can only be read one after the other.
   */
  long size() throws IOException;

  /**
   * The next bytes from {@code position} on, which for a stream is behind all that was read before.
   *
   * @param most at least 1
   * @return 1 to {@code most} of them, or none at the end; native memory that is valid until the
   *     next call
   */
  MemorySegment read(long position, long most) throws IOException;

  @Override
  void close() throws IOException;
}

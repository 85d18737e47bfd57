package io.disky.collation;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Direct buffers in the byte order of the processor. */
public final class NativeBuffers {
  private NativeBuffers() {}

  /**
   * The same memory as a buffer.
   *
   * @throws IllegalStateException if it has more than 2<sup>31</sup> - 1 bytes
   */
  public static ByteBuffer of(MemorySegment memory) {
    if (memory.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "a ByteBuffer has at most "
              + Integer.MAX_VALUE
              + " bytes, but this memory has "
              + memory.byteSize()
              + ": use the segment, or smaller batches");
    }
    return memory.asByteBuffer().order(ByteOrder.nativeOrder());
  }
}

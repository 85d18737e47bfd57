package io.disky;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that batches are decoded into, one after the other. Freed by the garbage collector once
 * neither a reader nor a segment that a user holds can reach it.
 */
final class BatchBuffer {
  // Cache lines: the decoder's wide stores stay within one.
  private static final long ALIGNMENT = 64;

  private MemorySegment ends = MemorySegment.NULL;
  private MemorySegment data = MemorySegment.NULL;

  /** To whom a buffer goes back when its batch is closed. */
  interface Owner {
    void give(BatchBuffer buffer);
  }

  /** Memory that a batch was decoded to. */
  static BatchBuffer of(MemorySegment ends, MemorySegment data) {
    BatchBuffer buffer = new BatchBuffer();
    buffer.ends = ends;
    buffer.data = data;
    return buffer;
  }

  /** Memory for end offsets. */
  MemorySegment ends() {
    return ends;
  }

  /** Size of all its memory in bytes. */
  long byteSize() {
    return ends.byteSize() + data.byteSize();
  }

  /** Memory for records. */
  MemorySegment data() {
    return data;
  }

  /**
   * Makes room for {@code records} end offsets and {@code bytes} bytes of records; what the buffer
   * held is lost.
   */
  void reserve(long records, long bytes) {
    ends = atLeast(ends, Math.multiplyExact(records, Long.BYTES));
    data = atLeast(data, bytes);
  }

  private static MemorySegment atLeast(MemorySegment memory, long bytes) {
    if (memory.byteSize() >= bytes) {
      return memory;
    }
    // Chunks of a file differ a little in size: an eighth more now saves many steps.
    long roomy = bytes + bytes / 8 + ALIGNMENT;
    return Arena.ofAuto().allocate(roomy, ALIGNMENT);
  }
}

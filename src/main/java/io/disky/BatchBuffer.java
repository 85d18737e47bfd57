package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * Memory that batches are decoded into, one after the other. Freed by the garbage collector once
 * neither a reader nor a segment that a user holds can reach it.
 */
final class BatchBuffer {
  private static final long LEAST = 64;

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

  /** Memory for records. */
  MemorySegment data() {
    return data;
  }

  /**
   * Makes room for {@code records} end offsets and {@code bytes} bytes of records; what the buffer
   * held is lost.
   */
  void reserve(long records, long bytes) {
    long endsSize = Math.multiplyExact(records, Long.BYTES);
    if (ends.byteSize() < endsSize) {
      MemorySegment small = ends;
      ends = MemorySegment.NULL;
      KeptMemory.give(small);
      ends = memory(endsSize);
    }
    if (data.byteSize() < bytes) {
      MemorySegment small = data;
      data = MemorySegment.NULL;
      KeptMemory.give(small);
      data = memory(bytes);
    }
  }

  private static MemorySegment memory(long bytes) {
    MemorySegment used = KeptMemory.take(bytes);
    // Chunks of a file differ a little in size: an eighth more now saves many steps.
    return used == null ? KeptMemory.allocate(bytes + bytes / 8 + LEAST) : used;
  }

  /** Leaves its memory to others: no segment can reach it any more. */
  void release() {
    KeptMemory.give(ends);
    KeptMemory.give(data);
    ends = MemorySegment.NULL;
    data = MemorySegment.NULL;
  }
}

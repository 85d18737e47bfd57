package io.disky.memory;

import java.lang.foreign.MemorySegment;

/** Memory that a chunk is decoded into. */
public interface ChunkMemory {
  /** Memory for end offsets, as longs. */
  MemorySegment ends();

  /** Memory for records. */
  MemorySegment data();

  /**
   * Makes room for {@code records} end offsets and {@code bytes} bytes of records; what the memory
   * held is lost.
   */
  void reserve(long records, long bytes);
}

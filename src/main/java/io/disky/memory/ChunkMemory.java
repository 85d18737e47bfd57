package io.disky.memory;

import java.lang.foreign.MemorySegment;

/** Memory that a chunk is decoded into. */
public interface ChunkMemory {
  /** Memory for end offsets, as longs. */
  MemorySegment ends();

  /** Memory for records. */
  MemorySegment data();

  /**
   * Makes room for {@code records} end offsets and {@code bytes} bytes of records; the previous
   * contents are lost.
   */
  void reserve(long records, long bytes);

  /** The alignment of the records in bytes: a power of two. */
  default int alignment() {
    return 1;
  }

  /**
   * Aligns the records of a chunk that was decoded to this memory, which itself is aligned.
   *
   * @return where the records are now
   */
  default ChunkPlace align(ChunkPlace place) {
    MemorySegment data = data();
    if ((data.address() + place.dataOffset()) % alignment() == 0) {
      return place;
    }
    MemorySegment.copy(data, place.dataOffset(), data, 0, place.dataSize());
    return place.atBegin();
  }
}

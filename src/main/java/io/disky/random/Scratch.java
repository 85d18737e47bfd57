package io.disky.random;

import io.disky.engine.ChunkPick;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Memory for a small chunk: for one whose final memory is not known yet, or whose record is copied
 * at once. One thread at a time may use it.
 */
final class Scratch {
  private static final long SIZE = 64 << 10;

  private final NativeMemory memory = KeptMemory.takeOrAllocate(SIZE);
  private final ChunkPick single = new ChunkPick(memory.segment(), 1, 1);

  /** All of the memory. */
  MemorySegment segment() {
    return memory.segment();
  }

  /** A pick, to this memory, of the only record of a chunk at this place. */
  ChunkPick single(long begin, long end) {
    single.setChunk(0, begin, end, 1, 1);
    single.setRecord(0, 0); // Other chunks may have been in this memory.
    return single;
  }

  /** The last pick. */
  ChunkPick single() {
    return single;
  }

  /** Leaves the memory to others. */
  void free() {
    KeptMemory.give(memory);
  }
}

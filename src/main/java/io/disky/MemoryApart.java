package io.disky;

import io.disky.CachedChunk.Memory;
import java.lang.foreign.Arena;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Memory for chunks that find no room in the cache. What is large is freed as soon as nobody uses
 * it, which takes a fraction of the time that such a chunk takes to decode; some of what is small
 * is kept to be used again. Thread-safe.
 */
final class MemoryApart {
  private static final long ALIGNMENT = 64;
  private static final long MIN_SIZE = 1 << 12;

  /** The largest memory that is kept, and how many. */
  private static final long MAX_KEPT = 1 << 20;

  private static final int MOST_KEPT = 16;

  private final ArrayBlockingQueue<Memory> unused = new ArrayBlockingQueue<>(MOST_KEPT);

  /** Memory of {@code size} bytes at least. */
  Memory take(long size) {
    if (size > MAX_KEPT) {
      return freed(size);
    }
    Memory kept = unused.poll();
    if (kept != null && kept.size() >= size) {
      return kept;
    }
    // A power of two, so that chunks of about the same size fit.
    long roomy = Math.max(MIN_SIZE, Long.highestOneBit(Math.max(size - 1, 1)) << 1);
    return new Memory(Arena.ofAuto().allocate(roomy, ALIGNMENT), 0, roomy, true, null);
  }

  @SuppressWarnings("MustBeClosedChecker") // Closed when the memory is given back.
  private static Memory freed(long size) {
    Arena arena = Arena.ofShared();
    boolean allocated = false;
    try {
      Memory memory = new Memory(arena.allocate(size, ALIGNMENT), 0, size, true, arena);
      allocated = true;
      return memory;
    } finally {
      if (!allocated) {
        arena.close();
      }
    }
  }

  /** Takes back memory that nobody can see any more. */
  void give(Memory memory) {
    Arena arena = memory.arena();
    if (arena != null) {
      arena.close();
      return;
    }
    unused.offer(memory); // Where there is no room it is left to the garbage collector.
  }

  void close() {
    unused.clear();
  }
}

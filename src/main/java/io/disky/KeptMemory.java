package io.disky;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Memory that readers and writers leave to those to come, which would otherwise wait for the
 * garbage collector to get it back: to touch fresh memory takes longer than to read a chunk into
 * it. Only memory that no user can reach any more is given here. Softly referred to, so that the
 * garbage collector can have it when memory is short. Thread-safe.
 */
final class KeptMemory {
  // Cache lines: the decoder's wide stores stay within one.
  private static final long ALIGNMENT = 64;
  private static final int MOST = 256;
  private static final long MOST_BYTES = 64 << 20;
  private static final long LARGEST = 16 << 20;

  // What is this many times too large serves somebody else better.
  private static final long EXCESS = 8;

  private static final ArrayDeque<Kept> KEPT = new ArrayDeque<>();
  private static long bytes;

  private KeptMemory() {}

  private record Kept(SoftReference<MemorySegment> memory, long size) {}

  /** Memory of at least {@code size} bytes that was used before; {@code null} if none is kept. */
  static synchronized @Nullable MemorySegment take(long size) {
    Iterator<Kept> all = KEPT.descendingIterator();
    while (all.hasNext()) {
      Kept kept = all.next();
      MemorySegment memory = kept.memory.get();
      boolean fits = kept.size >= size && kept.size / EXCESS <= size;
      if (memory == null || fits) {
        all.remove();
        bytes -= kept.size;
      }
      if (memory != null && fits) {
        return memory;
      }
    }
    return null;
  }

  /** New memory of {@code size} bytes, all zero. */
  static MemorySegment allocate(long size) {
    return Arena.ofAuto().allocate(size, ALIGNMENT);
  }

  /** Leaves {@code memory}, by {@link #allocate} or {@link #take}, to others. */
  static synchronized void give(MemorySegment memory) {
    long size = memory.byteSize();
    if (size == 0 || size > LARGEST) {
      return;
    }
    while (KEPT.size() == MOST || bytes > MOST_BYTES - size) {
      bytes -= KEPT.removeFirst().size;
    }
    KEPT.addLast(new Kept(new SoftReference<>(memory), size));
    bytes += size;
  }

  /** How much is kept, in bytes. */
  static synchronized long bytes() {
    return bytes;
  }
}

package io.disky;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Memory that closed writers leave to those to come, which would otherwise wait for the garbage
 * collector to get it back. Only memory that no user can reach any more is given here. Softly
 * referred to, so that the garbage collector can have it when memory is short.
 */
final class KeptMemory {
  private static final long ALIGNMENT = 64;
  private static final int MOST = 16;
  private static final long LARGEST = 4 << 20;

  // What is this many times too large serves somebody else better.
  private static final long EXCESS = 8;

  private static final ArrayDeque<SoftReference<MemorySegment>> KEPT = new ArrayDeque<>();

  private KeptMemory() {}

  /** Memory of at least {@code bytes} bytes that was used before; {@code null} if none is kept. */
  static synchronized @Nullable MemorySegment take(long bytes) {
    Iterator<SoftReference<MemorySegment>> kept = KEPT.descendingIterator();
    while (kept.hasNext()) {
      MemorySegment memory = kept.next().get();
      if (memory == null) {
        kept.remove();
      } else if (memory.byteSize() >= bytes && memory.byteSize() / EXCESS <= bytes) {
        kept.remove();
        return memory;
      }
    }
    return null;
  }

  /** New memory of {@code bytes} bytes, all zero. */
  static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, ALIGNMENT);
  }

  /** Leaves {@code memory}, by {@link #allocate} or {@link #take}, to others. */
  static synchronized void give(MemorySegment memory) {
    if (memory.byteSize() == 0 || memory.byteSize() > LARGEST) {
      return;
    }
    if (KEPT.size() == MOST) {
      KEPT.removeFirst();
    }
    KEPT.addLast(new SoftReference<>(memory));
  }
}

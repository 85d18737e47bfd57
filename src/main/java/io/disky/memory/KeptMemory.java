package io.disky.memory;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that readers and writers leave to those to come: to touch fresh memory takes longer than
 * to read a chunk into it. Only memory that no user can reach any more is given here. What finds no
 * room is freed at once. Softly referred to, so that the garbage collector can have it when the
 * Java heap is short. Thread-safe.
 */
public final class KeptMemory {
  private static final int MOST = 256;
  private static final long MOST_BYTES = 64 << 20;
  private static final long LARGEST = 16 << 20;

  // What is this many times too large serves somebody else better.
  private static final long EXCESS = 8;

  private static final ArrayDeque<Kept> KEPT = new ArrayDeque<>();
  private static long bytes;

  private KeptMemory() {}

  private record Kept(SoftReference<NativeMemory> memory, long size) {}

  /** Memory of at least {@code size} bytes that was used before; {@code null} if none is kept. */
  public static @Nullable NativeMemory take(long size) {
    return takeUpTo(size, size < Long.MAX_VALUE / EXCESS ? size * EXCESS : Long.MAX_VALUE);
  }

  private static synchronized @Nullable NativeMemory takeUpTo(long size, long most) {
    Iterator<Kept> all = KEPT.descendingIterator();
    while (all.hasNext()) {
      Kept kept = all.next();
      NativeMemory memory = kept.memory.get();
      boolean fits = kept.size >= size && kept.size <= most;
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

  /** Memory of at least {@code size} bytes: kept, with whatever is in it, or new. */
  public static NativeMemory takeOrAllocate(long size) {
    NativeMemory kept = take(size);
    return kept == null ? NativeMemory.allocate(size) : kept;
  }

  /**
   * As {@link #takeOrAllocate}, at most an eighth larger: for whoever promises how much it takes.
   */
  public static NativeMemory takeTightOrAllocate(long size) {
    NativeMemory kept = takeUpTo(size, size + size / EXCESS);
    return kept == null ? NativeMemory.allocate(size) : kept;
  }

  /** Leaves {@code memory} to others, or frees it. */
  public static void give(NativeMemory memory) {
    long size = memory.size();
    if (size > LARGEST) {
      memory.free();
    } else if (size > 0) {
      // Each takes a moment: not under the lock.
      keep(memory, size).forEach(NativeMemory::free);
    }
  }

  /** Returns what has to make room. */
  private static synchronized List<NativeMemory> keep(NativeMemory memory, long size) {
    List<NativeMemory> removed = new ArrayList<>();
    while (KEPT.size() == MOST || bytes > MOST_BYTES - size) {
      removeFirst(removed);
    }
    KEPT.addLast(new Kept(new SoftReference<>(memory), size));
    bytes += size;
    return removed;
  }

  private static void removeFirst(List<NativeMemory> removed) {
    Kept kept = KEPT.removeFirst();
    bytes -= kept.size;
    NativeMemory memory = kept.memory.get();
    if (memory != null) {
      removed.add(memory);
    }
  }

  /** Frees all that is kept. */
  static void freeAll() {
    removeAll().forEach(NativeMemory::free);
  }

  private static synchronized List<NativeMemory> removeAll() {
    List<NativeMemory> removed = new ArrayList<>();
    while (!KEPT.isEmpty()) {
      removeFirst(removed);
    }
    return removed;
  }

  /** How much is kept, in bytes. */
  public static synchronized long bytes() {
    return bytes;
  }
}

package io.disky.memory;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that readers and writers do not need any more, kept for later ones: touching fresh memory
 * takes longer than reading a chunk into it. No user may be able to reach memory that is given
 * here. Memory for which there is no room is freed at once. The references are soft, so that the
 * garbage collector can free the memory if the Java heap is short. Thread-safe.
 */
public final class KeptMemory {
  private static final int MOST = 256;
  private static final long MOST_BYTES = 64 << 20;
  private static final long LARGEST = 16 << 20;

  // Memory that is more than this many times larger than requested is left to others.
  private static final long EXCESS = 8;

  private static final ArrayDeque<Kept> KEPT = new ArrayDeque<>();
  private static long bytes;

  private KeptMemory() {}

  private record Kept(SoftReference<NativeMemory> memory, long size) {}

  /** Memory of at least {@code size} bytes that was used before; {@code null} if none is kept. */
  public static @Nullable NativeMemory take(long size) {
    return takeUpTo(size, size < Long.MAX_VALUE / EXCESS ? size * EXCESS : Long.MAX_VALUE);
  }

  /** As {@link #take}, but at most a quarter and 128 bytes larger than {@code size}. */
  static @Nullable NativeMemory takeTight(long size) {
    return takeUpTo(size, size < Long.MAX_VALUE / EXCESS ? size + size / 4 + 128 : Long.MAX_VALUE);
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

  /** Memory of at least {@code size} bytes: kept memory, with arbitrary contents, or new memory. */
  public static NativeMemory takeOrAllocate(long size) {
    NativeMemory kept = take(size);
    return kept == null ? NativeMemory.allocate(size) : kept;
  }

  /**
   * Memory of at least {@code size} bytes, at most an eighth larger, as by {@link #takeOrAllocate}:
   * for callers that have promised a bound on their memory.
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
      // Freeing takes time, so it is done without the lock.
      for (NativeMemory removed : keep(memory, size)) {
        removed.free();
      }
    }
  }

  /** Keeps {@code memory}. Returns the memory that must be freed to make room for it. */
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

  /** Frees all kept memory. */
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

  /** The amount of kept memory in bytes. */
  public static synchronized long bytes() {
    return bytes;
  }
}

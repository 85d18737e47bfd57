package io.disky.memory;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Memory for chunks for which the cache has no room. Large memory is freed as soon as nobody uses
 * it, which takes a fraction of the time of decoding such a chunk. Some small memory is kept for
 * further chunks. Thread-safe.
 */
public final class MemoryApart {
  private static final long MIN_SIZE = 1 << 12;

  /** The largest size of memory that is kept, in bytes. */
  private static final long MAX_KEPT = 1 << 20;

  private static final int MOST_KEPT = 16;

  // Without a lock: the caller may have so little stack left that it could not release one.
  private final AtomicReferenceArray<@Nullable NativeMemory> unused =
      new AtomicReferenceArray<>(MOST_KEPT);
  private volatile boolean closed;

  /** Memory of at least {@code size} bytes. */
  public NativeMemory take(long size) {
    if (size > MAX_KEPT) {
      return NativeMemory.allocate(size);
    }
    NativeMemory kept = takeUnused();
    if (kept != null && kept.size() >= size) {
      return kept;
    }
    if (kept != null) {
      KeptMemory.give(kept);
    }
    // A power of two, so that chunks of about the same size fit.
    return KeptMemory.takeTightOrAllocate(
        Math.max(MIN_SIZE, Long.highestOneBit(Math.max(size - 1, 1)) << 1));
  }

  /** Takes back memory that nobody can access any more. */
  public void give(NativeMemory memory) {
    if (memory.size() > MAX_KEPT) {
      memory.free();
    } else if (!keep(memory)) {
      KeptMemory.give(memory);
    } else if (closed) {
      leaveUnused();
    }
  }

  /** Leaves all memory that is unused, now or later, to {@link KeptMemory}. */
  public void close() {
    closed = true;
    leaveUnused();
  }

  private void leaveUnused() {
    for (NativeMemory memory = takeUnused(); memory != null; memory = takeUnused()) {
      KeptMemory.give(memory);
    }
  }

  private @Nullable NativeMemory takeUnused() {
    for (int i = 0; i < MOST_KEPT; i++) {
      NativeMemory memory = unused.get(i);
      if (memory != null && unused.compareAndSet(i, memory, null)) {
        return memory;
      }
    }
    return null;
  }

  /** Keeps {@code memory}; {@code false} if there is no room. */
  private boolean keep(NativeMemory memory) {
    for (int i = 0; i < MOST_KEPT; i++) {
      if (unused.compareAndSet(i, null, memory)) {
        return true;
      }
    }
    return false;
  }
}

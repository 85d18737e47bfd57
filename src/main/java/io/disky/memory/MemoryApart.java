package io.disky.memory;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Memory for chunks that find no room in the cache. What is large is freed as soon as nobody uses
 * it, which takes a fraction of the time that such a chunk takes to decode; some of what is small
 * is kept to be used again. Thread-safe.
 */
public final class MemoryApart {
  private static final long MIN_SIZE = 1 << 12;

  /** The largest memory that is kept, and how many. */
  private static final long MAX_KEPT = 1 << 20;

  private static final int MOST_KEPT = 16;

  private final ArrayBlockingQueue<NativeMemory> unused = new ArrayBlockingQueue<>(MOST_KEPT);
  private volatile boolean closed;

  /** Memory of {@code size} bytes at least. */
  public NativeMemory take(long size) {
    if (size > MAX_KEPT) {
      return NativeMemory.allocate(size);
    }
    NativeMemory kept = unused.poll();
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

  /** Takes back memory that nobody can see any more. */
  public void give(NativeMemory memory) {
    if (memory.size() > MAX_KEPT) {
      memory.free();
    } else if (!unused.offer(memory)) {
      KeptMemory.give(memory);
    } else if (closed) {
      leaveUnused();
    }
  }

  /** Leaves what is unused, now or later, to others. */
  public void close() {
    closed = true;
    leaveUnused();
  }

  private void leaveUnused() {
    for (NativeMemory memory = unused.poll(); memory != null; memory = unused.poll()) {
      KeptMemory.give(memory);
    }
  }
}

package io.disky;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;

/**
 * The buffers of a reader that no batch is using. Thread-safe: a batch may be closed by another
 * thread.
 */
final class BufferPool implements BatchBuffer.Owner {
  // Enough for one thread that iterates and a few batches under way elsewhere.
  private static final int MOST = 16;

  // Of closed readers, for those to come: fresh memory costs as much time as reading two chunks.
  // The references are soft, so that the garbage collector can have it when memory is short.
  private static final int MOST_KEPT = 4;
  private static final long LARGEST_KEPT = 4 << 20;
  private static final ArrayDeque<SoftReference<BatchBuffer>> KEPT = new ArrayDeque<>();

  private final ArrayDeque<BatchBuffer> unused = new ArrayDeque<>();

  synchronized BatchBuffer take() {
    BatchBuffer buffer = unused.pollLast();
    return buffer == null ? takeKept() : buffer;
  }

  private static BatchBuffer takeKept() {
    synchronized (KEPT) {
      SoftReference<BatchBuffer> reference = KEPT.pollLast();
      BatchBuffer buffer = reference == null ? null : reference.get();
      return buffer == null ? new BatchBuffer() : buffer;
    }
  }

  private static void keep(BatchBuffer buffer) {
    synchronized (KEPT) {
      if (KEPT.size() < MOST_KEPT && buffer.byteSize() <= LARGEST_KEPT) {
        KEPT.addLast(new SoftReference<>(buffer));
      }
    }
  }

  @Override
  public synchronized void give(BatchBuffer buffer) {
    if (unused.size() < MOST) {
      unused.addLast(buffer);
    }
  }

  /** Leaves what is unused to other readers. */
  synchronized void clear() {
    unused.forEach(BufferPool::keep);
    unused.clear();
  }
}

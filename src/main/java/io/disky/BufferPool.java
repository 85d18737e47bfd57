package io.disky;

import java.util.ArrayDeque;

/**
 * The buffers of a reader that no batch is using. Thread-safe: a batch may be closed by another
 * thread.
 */
final class BufferPool {
  // Enough for one thread that iterates and a few batches under way elsewhere.
  private static final int MOST = 16;

  private final ArrayDeque<BatchBuffer> unused = new ArrayDeque<>();

  synchronized BatchBuffer take() {
    BatchBuffer buffer = unused.pollLast();
    return buffer == null ? new BatchBuffer() : buffer;
  }

  synchronized void give(BatchBuffer buffer) {
    if (unused.size() < MOST) {
      unused.addLast(buffer);
    }
  }

  /** Lets go of what is unused. */
  synchronized void clear() {
    unused.clear();
  }
}

package io.disky.memory;

import java.util.ArrayDeque;

/**
 * The buffers of a reader that no batch is using. Thread-safe: a batch may be closed by another
 * thread.
 */
public final class BufferPool implements BatchBuffer.Owner {
  // Enough for one thread that iterates and a few batches under way elsewhere. The memory of
  // further buffers goes to {@link KeptMemory}.
  private static final int MOST = 16;

  private final int alignment;
  private final boolean tight;
  private final ArrayDeque<BatchBuffer> unused = new ArrayDeque<>();
  private boolean cleared;

  /**
   * A pool of buffers.
   *
   * @param alignment of their data in bytes, a power of two; 1 for none
   */
  public BufferPool(int alignment) {
    this(alignment, false);
  }

  private BufferPool(int alignment, boolean tight) {
    this.alignment = alignment;
    this.tight = tight;
  }

  /**
   * A pool of buffers whose memory exceeds what they need by at most a quarter and 128 bytes when
   * they take it: for callers that have promised a bound on their memory.
   */
  public static BufferPool tight(int alignment) {
    return new BufferPool(alignment, true);
  }

  /** The alignment of the data in bytes. */
  public int alignment() {
    return alignment;
  }

  public synchronized BatchBuffer take() {
    BatchBuffer buffer = unused.pollLast();
    return buffer == null ? new BatchBuffer(alignment, tight) : buffer;
  }

  @Override
  public synchronized void give(BatchBuffer buffer) {
    if (cleared || unused.size() == MOST) {
      buffer.release();
    } else {
      unused.addLast(buffer);
    }
  }

  /** Leaves all buffers that are unused, now or later, to other readers and writers. */
  public synchronized void clear() {
    cleared = true;
    for (BatchBuffer buffer : unused) {
      buffer.release();
    }
    unused.clear();
  }
}

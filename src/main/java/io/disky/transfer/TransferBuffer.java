package io.disky.transfer;

import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Native memory through which bytes go between the JVM and the engine; allocated when it is first
 * used. Streams and channels of the user may close the reader or writer that calls them, and may
 * keep buffers. So this memory is freed and not left to others: later uses throw an {@link
 * IllegalStateException}.
 */
public final class TransferBuffer {
  /** Its usual size in bytes, which fits into the caches of a processor. */
  public static final int SIZE = 256 << 10;

  private final int size;
  private NativeMemory memory = NativeMemory.NONE;
  private boolean freed;

  /** A buffer of {@value #SIZE} bytes. */
  public TransferBuffer() {
    this(SIZE);
  }

  /**
   * @param size its size in bytes; larger than {@value #SIZE} is of no use
   */
  public TransferBuffer(int size) {
    this.size = size;
  }

  /** The complete buffer. */
  public MemorySegment memory() {
    if (freed) {
      throw new IllegalStateException("closed");
    }
    if (memory == NativeMemory.NONE) {
      memory = NativeMemory.allocate(size);
    }
    return memory.segment();
  }

  /** The first {@code most} bytes, or all if there are fewer. */
  MemorySegment first(long most) {
    return memory().asSlice(0, Math.min(most, size));
  }

  /** The same bytes as those of {@link #first}, as a buffer to fill. */
  ByteBuffer toFill(long most) {
    return first(most).asByteBuffer();
  }

  /** Frees it, unless that was done before. */
  public void free() {
    freed = true;
    memory.free();
  }
}

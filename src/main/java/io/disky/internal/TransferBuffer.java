package io.disky.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Native memory through which bytes go between the JVM and the engine; freed by the collector. */
final class TransferBuffer {
  /** Its size in bytes: of what a processor's caches hold. */
  static final int SIZE = 256 << 10;

  private final MemorySegment memory = Arena.ofAuto().allocate(SIZE, Long.BYTES);
  private final ByteBuffer buffer = memory.asByteBuffer();

  /** All of it. */
  MemorySegment memory() {
    return memory;
  }

  /** The first {@code most} bytes, or all if there are fewer. */
  MemorySegment first(long most) {
    return memory.asSlice(0, Math.min(most, SIZE));
  }

  /** The same bytes as {@link #first}, to be filled. */
  ByteBuffer toFill(long most) {
    return buffer.clear().limit((int) Math.min(most, SIZE));
  }
}

package io.disky.transfer;

import java.lang.foreign.MemorySegment;

/** The bytes of a memory segment. */
public final class SegmentSource implements ByteSource {
  private final MemorySegment segment;
  private final TransferBuffer buffer = new TransferBuffer();

  /** Reads the complete {@code segment}; the caller closes its arena. */
  public SegmentSource(MemorySegment segment) {
    this.segment = segment;
  }

  @Override
  public long size() {
    return segment.byteSize();
  }

  @Override
  public MemorySegment read(long position, long most) {
    // The size is small, so that the bytes are still in the processor's caches when the engine
    // copies them.
    long size = Math.min(Math.min(most, TransferBuffer.SIZE), segment.byteSize() - position);
    // Another program may truncate a mapped file. An access then throws an error in Java, which the
    // reader handles, but ends the process in native code. Not every segment of a mapped file
    // states that it is mapped, so the bytes of all segments are copied.
    MemorySegment copy = buffer.first(size);
    MemorySegment.copy(segment, position, copy, 0, copy.byteSize());
    return copy;
  }

  @Override
  public void close() {
    buffer.free();
  }
}

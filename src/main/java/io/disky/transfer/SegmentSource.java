package io.disky.transfer;

import java.lang.foreign.MemorySegment;

/** The bytes of a memory segment. */
public final class SegmentSource implements ByteSource {
  private final MemorySegment segment;
  private final TransferBuffer buffer = new TransferBuffer();

  /** Of all of {@code segment}, whose arena is the caller's. */
  public SegmentSource(MemorySegment segment) {
    this.segment = segment;
  }

  @Override
  public long size() {
    return segment.byteSize();
  }

  @Override
  public MemorySegment read(long position, long most) {
    // Little enough that it is still in the processor's caches when the engine copies it on.
    long size = Math.min(Math.min(most, TransferBuffer.SIZE), segment.byteSize() - position);
    // Somebody may truncate a mapped file: what that does to Java is an error that the reader
    // expects, to native code the end of the process. Not every segment of a mapped file says that
    // it is one, so this copy is made of all.
    MemorySegment copy = buffer.first(size);
    MemorySegment.copy(segment, position, copy, 0, copy.byteSize());
    return copy;
  }

  @Override
  public void close() {
    buffer.free();
  }
}

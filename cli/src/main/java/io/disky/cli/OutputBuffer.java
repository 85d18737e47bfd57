package io.disky.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Gathers bytes for standard output. They are outside the Java heap, so that writing them needs no
 * further copy.
 */
final class OutputBuffer {
  private static final int SIZE = 1 << 20;

  private final StandardOutput output;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
  private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
  private int size;

  OutputBuffer(StandardOutput output) {
    this.output = output;
  }

  void put(byte value) throws StandardOutputException {
    makeRoom(1);
    memory.set(ValueLayout.JAVA_BYTE, size, value);
    size++;
  }

  /** Adds {@code length} bytes of {@code source}, beginning at {@code offset}. */
  void put(MemorySegment source, long offset, long length) throws StandardOutputException {
    for (long done = 0; done < length; ) {
      makeRoom(1);
      int step = (int) Math.min(length - done, SIZE - size);
      MemorySegment.copy(source, offset + done, memory, size, step);
      size += step;
      done += step;
    }
  }

  void put(byte[] bytes) throws StandardOutputException {
    put(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  /**
   * Adds two bytes in the byte order of the platform: on a little-endian platform the low byte
   * first.
   */
  void put(short pair) throws StandardOutputException {
    makeRoom(Short.BYTES);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, size, pair);
    size += Short.BYTES;
  }

  private void makeRoom(int bytes) throws StandardOutputException {
    if (SIZE - size < bytes) {
      write();
    }
  }

  private void write() throws StandardOutputException {
    int all = size;
    size = 0; // after a failure these bytes are not written again
    output.write(buffer.clear().limit(all));
  }

  void flush() throws StandardOutputException {
    write();
    output.flush();
  }
}

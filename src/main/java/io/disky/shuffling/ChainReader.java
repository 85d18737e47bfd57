package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Reads a {@link Chain} from its beginning. For one thread. */
final class ChainReader {
  private static final int MORE = 0x80;
  private static final int VALUE = 0x7f;
  private static final int VALUE_BITS = 7;

  private final BlockFile file;
  private final MemorySegment block;
  private final ByteBuffer buffer;
  private long next;
  private long unread; // bytes that are not in memory yet
  private int at;
  private int end;

  /**
   * Begins with the first byte of {@code chain}.
   *
   * @param block memory for one block
   */
  ChainReader(BlockFile file, Chain chain, MemorySegment block) {
    this.file = file;
    this.block = block;
    this.buffer = block.asByteBuffer();
    this.next = chain.first();
    this.unread = chain.bytes();
  }

  /** Whether there are more bytes. */
  boolean hasNext() {
    return at < end || unread > 0;
  }

  /** Reads a number that {@link ChainWriter#putNumber} has written. */
  long number() throws IOException {
    long number = 0;
    int shift = 0;
    int value;
    do {
      fill();
      value = block.get(ValueLayout.JAVA_BYTE, at++);
      number |= (long) (value & VALUE) << shift;
      shift += VALUE_BITS;
    } while ((value & MORE) != 0);
    return number;
  }

  /** Copies the next {@code length} bytes to {@code into}. */
  void read(MemorySegment into, long offset, long length) throws IOException {
    long done = 0;
    while (done < length) {
      fill();
      int step = (int) Math.min(length - done, end - at);
      MemorySegment.copy(block, at, into, offset + done, step);
      at += step;
      done += step;
    }
  }

  /** Passes the next {@code length} bytes on to {@code writer}. */
  void pass(ChainWriter writer, long length) throws IOException {
    long done = 0;
    while (done < length) {
      fill();
      int step = (int) Math.min(length - done, end - at);
      writer.put(block, at, step);
      at += step;
      done += step;
    }
  }

  private void fill() throws IOException {
    if (at < end) {
      return;
    }
    int size = (int) Math.min(unread, block.byteSize() - Chain.LINK);
    file.read(next, buffer.clear().limit(Chain.LINK + size));
    next = block.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    unread -= size;
    at = Chain.LINK;
    end = Chain.LINK + size;
  }
}

package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Writes a {@link Chain}. Keeps its last block in memory. For one thread. */
final class ChainWriter {
  private static final long NONE = -1;
  private static final int MORE = 0x80;
  private static final int VALUE_BITS = 7;

  private final BlockFile file;
  private final MemorySegment block;
  private final ByteBuffer buffer;
  private int used = Chain.LINK;
  private long first = NONE;
  private long current = NONE;
  private long bytes;

  /**
   * Begins a chain in {@code file}.
   *
   * @param block memory for one block
   */
  ChainWriter(BlockFile file, MemorySegment block) {
    this.file = file;
    this.block = block;
    this.buffer = block.asByteBuffer();
  }

  /** Adds a number that is not negative, in as few bytes as it needs. */
  void putNumber(long number) throws IOException {
    long rest = number;
    while (rest >= MORE) {
      putByte((byte) (rest | MORE));
      rest >>>= VALUE_BITS;
    }
    putByte((byte) rest);
  }

  private void putByte(byte value) throws IOException {
    makeRoom();
    block.set(ValueLayout.JAVA_BYTE, used, value);
    used++;
    bytes++;
  }

  /** Adds {@code length} bytes of {@code source} from {@code offset} on. */
  void put(MemorySegment source, long offset, long length) throws IOException {
    long done = 0;
    while (done < length) {
      makeRoom();
      int step = (int) Math.min(length - done, block.byteSize() - used);
      MemorySegment.copy(source, offset + done, block, used, step);
      used += step;
      done += step;
    }
    bytes += length;
  }

  private void makeRoom() throws IOException {
    if (used == block.byteSize()) {
      write(file.allocate());
    }
  }

  /** Writes the block, with {@code next} as the number of the block after it. */
  private void write(long next) throws IOException {
    if (first == NONE) {
      // The first block gets its number when it is full, so a short chain takes one block only.
      first = next;
      current = next;
      write(file.allocate());
      return;
    }
    block.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, next);
    file.write(current, buffer.clear().limit(used));
    current = next;
    used = Chain.LINK;
  }

  /** Writes the last block. After that, this writer can write another chain. */
  Chain end() throws IOException {
    if (bytes > 0) {
      if (first == NONE) {
        first = file.allocate();
        current = first;
      }
      block.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, NONE);
      file.write(current, buffer.clear().limit(used));
    }
    Chain chain = new Chain(first, bytes);
    used = Chain.LINK;
    first = NONE;
    current = NONE;
    bytes = 0;
    return chain;
  }
}

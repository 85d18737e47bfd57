package io.disky.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The records of a saved index after the first one. Each record lists up to 4096 chunks: for each
 * chunk its distance from the one before it, and its number of records. docs/saved-index.md
 * describes them.
 */
final class ChunkList {
  private static final int MOST_CHUNKS = 4096;
  private static final int MOST_VARINT_BYTES = 9;

  /** The largest size of a list in bytes. */
  static final int LARGEST = MOST_CHUNKS * 2 * MOST_VARINT_BYTES;

  /** The smallest size of a list of 4096 chunks in bytes. */
  static final int SMALLEST_FULL = MOST_CHUNKS * 2;

  private ChunkList() {}

  /** The largest size in bytes of the lists of {@code chunks} chunks. */
  static long largest(long chunks) {
    return chunks * 2 * MOST_VARINT_BYTES;
  }

  /** The lists of all chunks of an index. Each list is made when it is taken. */
  static Iterator<ByteBuffer> encode(ChunkIndex index) {
    return new Iterator<>() {
      private long next;

      @Override
      public boolean hasNext() {
        return next < index.chunks();
      }

      @Override
      public ByteBuffer next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        long from = next;
        next = Math.min(from + MOST_CHUNKS, index.chunks());
        return encode(index, from, next);
      }
    };
  }

  private static ByteBuffer encode(ChunkIndex index, long from, long to) {
    ByteBuffer bytes = ByteBuffer.allocate((int) largest(to - from));
    long before = 0;
    for (long i = from; i < to; i++) {
      ChunkIndex.Entry entry = index.entry(i);
      putVarint(bytes, entry.begin() - before);
      putVarint(bytes, entry.records());
      before = entry.begin();
    }
    return bytes.flip();
  }

  private static void putVarint(ByteBuffer bytes, long value) {
    long rest = value;
    while (rest > 0x7f) {
      bytes.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
  }

  /** Adds the chunks of a list to an index that has the given header. */
  static void decode(MemorySegment record, SavedIndexHeader header, ChunkIndex.Builder builder)
      throws UnusableIndexException {
    Varints varints = new Varints(record);
    long begin = varints.next();
    while (true) {
      boolean added =
          builder.chunks() < header.chunks()
              && begin < header.fileSize()
              && builder.addWithoutSize(begin, varints.next());
      if (!added) {
        throw new UnusableIndexException("it lists impossible chunks");
      }
      if (!varints.hasNext()) {
        return;
      }
      begin += varints.next();
    }
  }

  /**
   * Reads numbers with 7 bits in each byte, the lowest bits first; the highest bit of a byte states
   * that another byte follows.
   */
  private static final class Varints {
    private final MemorySegment record;
    private long position;

    Varints(MemorySegment record) {
      this.record = record;
    }

    boolean hasNext() {
      return position < record.byteSize();
    }

    long next() throws UnusableIndexException {
      long value = 0;
      for (int i = 0; i < MOST_VARINT_BYTES && hasNext(); i++) {
        byte next = record.get(ValueLayout.JAVA_BYTE, position++);
        value |= (next & 0x7fL) << (7 * i);
        if (next >= 0) {
          return value;
        }
      }
      throw new UnusableIndexException("a number in it is incomplete");
    }
  }
}

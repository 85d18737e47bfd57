package io.disky.oracle;

/**
 * Where chunks lie in a file that is cut into blocks. Positions and sizes are in bytes.
 *
 * <p>Every multiple of the block size holds a block header; chunks flow around these. Counting only
 * the bytes that are not block headers gives a chunk's bytes consecutive numbers, from which
 * positions follow.
 */
public final class BlockLayout {
  /** Distance between block headers. */
  public static final int BLOCK_SIZE = 1 << 16;

  /** Size of a block header: hash, distance to the chunk's begin, distance to its end. */
  public static final int BLOCK_HEADER_SIZE = 24;

  /** Bytes of a block that chunks can use. */
  public static final int USABLE_BLOCK_SIZE = BLOCK_SIZE - BLOCK_HEADER_SIZE;

  /** Size of a chunk header, block headers inside it not counted. */
  public static final int CHUNK_HEADER_SIZE = 40;

  private BlockLayout() {}

  /**
   * Whether a chunk may begin or end here: anywhere but inside or right after a block header.
   *
   * @param position a file position
   */
  public static boolean isChunkBoundary(long position) {
    long offset = position % BLOCK_SIZE;
    return offset == 0 || offset > BLOCK_HEADER_SIZE;
  }

  /**
   * Number of bytes between two positions that are not part of a block header.
   *
   * @param begin a file position
   * @param end a file position, not before {@code begin}
   */
  public static long usableBytes(long begin, long end) {
    return usableBytesBefore(end) - usableBytesBefore(begin);
  }

  /**
   * The position right after {@code size} chunk bytes.
   *
   * @param begin where the first of them is, or the block header right before it
   * @param size number of chunk bytes, 1 or more
   * @throws ArithmeticException if the position does not fit in a {@code long}
   */
  public static long advance(long begin, long size) {
    long last = Math.addExact(usableBytesBefore(begin), size - 1);
    long block = Math.multiplyExact(last / USABLE_BLOCK_SIZE, BLOCK_SIZE);
    return Math.addExact(block, BLOCK_HEADER_SIZE + last % USABLE_BLOCK_SIZE + 1);
  }

  /**
   * The position where a chunk ends, padding included.
   *
   * @param begin where the chunk begins
   * @param dataSize size of its data, 0 or more
   * @param records number of its records: it occupies at least as many bytes
   * @throws ArithmeticException if the position does not fit in a {@code long}
   */
  public static long chunkEnd(long begin, long dataSize, long records) {
    long dataEnd = advance(begin, Math.addExact(CHUNK_HEADER_SIZE, dataSize));
    return Math.max(dataEnd, nextChunkBoundary(Math.addExact(begin, records)));
  }

  /**
   * The first position at or after this one where a chunk may begin or end.
   *
   * @param position a file position
   * @throws ArithmeticException if that position does not fit in a {@code long}
   */
  public static long nextChunkBoundary(long position) {
    if (isChunkBoundary(position)) {
      return position;
    }
    return Math.addExact(position, BLOCK_HEADER_SIZE + 1 - position % BLOCK_SIZE);
  }

  private static long usableBytesBefore(long position) {
    long inBlock = Math.max(0, position % BLOCK_SIZE - BLOCK_HEADER_SIZE);
    return position / BLOCK_SIZE * USABLE_BLOCK_SIZE + inBlock;
  }
}

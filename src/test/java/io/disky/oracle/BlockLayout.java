package io.disky.oracle;

/**
 * Computes the positions of chunks in a file that is divided into blocks. Positions and sizes are
 * in bytes.
 *
 * <p>A block header stands at every multiple of the block size; chunks continue after it. Without
 * the block headers, the bytes of a chunk have consecutive numbers, from which their positions can
 * be computed.
 */
public final class BlockLayout {
  /** Distance between block headers. */
  public static final int BLOCK_SIZE = 1 << 16;

  /** Size of a block header: hash, distance to the beginning of the chunk, distance to its end. */
  public static final int BLOCK_HEADER_SIZE = 24;

  /** Bytes of a block that chunks can use. */
  public static final int USABLE_BLOCK_SIZE = BLOCK_SIZE - BLOCK_HEADER_SIZE;

  /** Size of a chunk header without block headers inside it. */
  public static final int CHUNK_HEADER_SIZE = 40;

  private BlockLayout() {}

  /**
   * Returns whether a chunk may begin or end at {@code position}: everywhere except inside or right
   * after a block header.
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
   * @param begin position of the first of these bytes, or of the block header right before it
   * @param size number of chunk bytes, 1 or more
   * @throws ArithmeticException if the position does not fit in a {@code long}
   */
  public static long advance(long begin, long size) {
    long last = Math.addExact(usableBytesBefore(begin), size - 1);
    long block = Math.multiplyExact(last / USABLE_BLOCK_SIZE, BLOCK_SIZE);
    return Math.addExact(block, BLOCK_HEADER_SIZE + last % USABLE_BLOCK_SIZE + 1);
  }

  /**
   * The position at which a chunk ends, fill bytes included.
   *
   * @param begin position of the chunk
   * @param dataSize size of its data, 0 or more
   * @param records number of its records; the chunk takes at least one byte for each
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

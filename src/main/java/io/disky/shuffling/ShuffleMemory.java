package io.disky.shuffling;

/**
 * How a bounded amount of memory is used: one half for the records of a part that is written in
 * order, or for one block of each part over which records are distributed; the other half for large
 * records, a block to read, and the unevenness of parts.
 *
 * @param bytes the memory in bytes; at least {@link #LEAST}
 */
public record ShuffleMemory(long bytes) {
  /** The least memory in bytes. */
  public static final long LEAST = 64 << 10;

  /** Bytes for each loaded record in addition to its contents. */
  static final long INDEX_ENTRY = 2 * Long.BYTES;

  private static final long SMALLEST_BLOCK = 4 << 10;
  private static final long LARGEST_BLOCK = 1 << 20;
  private static final long LEAST_BLOCKS = 16;
  private static final int HALF = 2;

  // Numbers and sizes of records in the temporary file take fewer bytes than this.
  private static final long ENTRY = 8;
  private static final long LARGE_WASTE = 16;
  private static final long LINK_SHARE = SMALLEST_BLOCK / Chain.LINK;

  // Requests of this size keep a disk busy; smaller blocks are used only if the memory is small.
  private static final long EFFICIENT_BLOCK = 64 << 10;
  private static final long EFFICIENT_PARTS = 2048;

  // Below this share of the memory, uneven parts still fit.
  private static final long LARGE_RECORD_SHARE = 8;

  /** The largest memory of the records of a loaded part and their index, in bytes. */
  long loadLimit() {
    return bytes / HALF;
  }

  /** Whether a record of this size is kept apart from the parts. */
  boolean isLarge(long size) {
    return size > bytes / LARGE_RECORD_SHARE;
  }

  /** The memory that this number of records with this total size takes when it is loaded. */
  static long load(long records, long size) {
    long index = records > Long.MAX_VALUE / INDEX_ENTRY ? Long.MAX_VALUE : records * INDEX_ENTRY;
    return index > Long.MAX_VALUE - size ? Long.MAX_VALUE : index + size;
  }

  /** Whether records that take {@code load} bytes can be loaded together. */
  boolean fits(long load) {
    return load <= loadLimit();
  }

  /** How many parts records that take {@code load} bytes need, so that each probably fits. */
  private long partsFor(long load) {
    long expected = loadLimit() / 4 * 3;
    return Math.max(load / expected + 1, 2);
  }

  /** The size of all blocks in bytes, for records that take {@code load} bytes: a power of two. */
  int blockSize(long load) {
    long smallest =
        Math.clamp(
            Long.highestOneBit(loadLimit() / EFFICIENT_PARTS), SMALLEST_BLOCK, EFFICIENT_BLOCK);
    long largest = Math.min(LARGEST_BLOCK, Long.highestOneBit(bytes / LEAST_BLOCKS));
    long wanted = Math.max(Long.highestOneBit(loadLimit() / partsFor(load)), 1);
    return (int) Math.clamp(wanted, smallest, largest);
  }

  /** Over how many parts records that take {@code load} bytes are distributed in one step. */
  int parts(long load, int blockSize) {
    return (int) Math.min(partsFor(load), loadLimit() / blockSize);
  }

  /**
   * An estimate of the size of the temporary file in bytes, which almost no input exceeds; 0 if no
   * temporary file is needed.
   */
  public long temporaryBytes(long records, long size) {
    long load = load(records, size);
    if (fits(load)) {
      return 0;
    }
    int blockSize = blockSize(load);
    int parts = parts(load, blockSize);
    double data = size + (double) ENTRY * records;
    double once = data + data / LINK_SHARE + (double) parts * blockSize;
    // Parts that do not fit are distributed again, one after the other; a large record begins a
    // block.
    double again = HALF * once / parts + once / LARGE_WASTE;
    return (long) (once + again); // at most Long.MAX_VALUE
  }
}

package io.disky.order;

import java.util.Objects;

/**
 * The chunks of a window, one after the other: which record is at each index of the window. Takes
 * 16 to 17 bytes for each chunk.
 */
final class WindowChunks {
  /** Mean number of chunks that begin in a bucket. */
  private static final int CHUNKS_PER_BUCKET = 8;

  private int count;
  private long[] ends = new long[0]; // of each chunk: the index after that of its last record
  private long[] offsets = new long[0]; // of each chunk: number of a record minus its index
  private int bucketBits; // a bucket has 2^bucketBits indexes
  private int[] buckets = new int[1]; // the chunk that has the first index of each bucket

  /**
   * Becomes the chunks of another window.
   *
   * @param first index of the first chunk in the order of chunks
   * @param count number of chunks, at least 1
   * @param records number of records
   */
  void set(ChunkLayout layout, KeyedPermutation order, long first, int count, long records) {
    this.count = count;
    if (ends.length < count) {
      ends = new long[count];
      offsets = new long[count];
    }
    long end = 0;
    for (int i = 0; i < count; i++) {
      long chunk = order.at(first + i);
      long record = layout.firstRecord(chunk);
      offsets[i] = record - end;
      end += layout.firstRecord(chunk + 1) - record;
      ends[i] = end;
    }
    fillBuckets(records);
  }

  private void fillBuckets(long records) {
    int most = count / CHUNKS_PER_BUCKET + 1;
    bucketBits = 0;
    while (((records - 1) >>> bucketBits) + 1 > most) {
      bucketBits++;
    }
    int used = (int) ((records - 1) >>> bucketBits) + 1;
    if (buckets.length < used) {
      buckets = new int[most];
    }
    int chunk = 0;
    for (int bucket = 0; bucket < used; bucket++) {
      while (ends[chunk] <= (long) bucket << bucketBits) {
        chunk++;
      }
      buckets[bucket] = chunk;
    }
  }

  /** The record at an index of the window. */
  long record(long index) {
    int chunk = buckets[(int) (index >>> bucketBits)];
    while (index >= ends[chunk]) {
      chunk++;
    }
    return offsets[chunk] + index;
  }

  /** The index, in the window, of a record of the chunk at {@code chunk} of this window. */
  long index(int chunk, long record) {
    return record - offsets[Objects.checkIndex(chunk, count)];
  }
}

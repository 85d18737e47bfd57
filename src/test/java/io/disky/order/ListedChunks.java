package io.disky.order;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Chunks whose numbers of records and sizes are in a list. */
final class ListedChunks implements ChunkLayout {
  private final long[] firsts;
  private final long[] bytes;

  ListedChunks(long[] records, long[] bytes) {
    this.firsts = new long[records.length + 1];
    for (int i = 0; i < records.length; i++) {
      firsts[i + 1] = firsts[i] + records[i];
    }
    this.bytes = bytes;
  }

  /** Chunks with the same number of records and the same size each. */
  static ListedChunks equal(int chunks, long records, long bytes) {
    long[] allRecords = new long[chunks];
    long[] allBytes = new long[chunks];
    Arrays.fill(allRecords, records);
    Arrays.fill(allBytes, bytes);
    return new ListedChunks(allRecords, allBytes);
  }

  /** Chunks with 1 to {@code mostRecords} records and 1 to {@code mostBytes} bytes. */
  static ListedChunks random(SplittableRandom random, int chunks, int mostRecords, int mostBytes) {
    return new ListedChunks(
        random.longs(chunks, 1, mostRecords + 1L).toArray(),
        random.longs(chunks, 1, mostBytes + 1L).toArray());
  }

  @Override
  public long records() {
    return firsts[firsts.length - 1];
  }

  @Override
  public long chunks() {
    return bytes.length;
  }

  @Override
  public long firstRecord(long chunk) {
    return firsts[Math.toIntExact(chunk)];
  }

  @Override
  public long chunkOf(long record) {
    int found = Arrays.binarySearch(firsts, record);
    return found >= 0 ? found : -found - 2L;
  }

  @Override
  public long bytes(long chunk) {
    return bytes[Math.toIntExact(chunk)];
  }
}

package io.disky.order;

import java.util.Arrays;
import java.util.List;

/** The chunks of several sources, one source after the other. Thread-safe. */
final class ConcatenatedLayout implements ChunkLayout {
  private final List<ChunkLayout> layouts;
  // The numbers of records and chunks before each source; the last elements are the totals.
  private final long[] firstRecords;
  private final long[] firstChunks;

  /**
   * The chunks of these sources.
   *
   * @throws IllegalArgumentException if there are more than 2^62 records
   */
  ConcatenatedLayout(List<ChunkLayout> layouts) {
    this.layouts = List.copyOf(layouts);
    this.firstRecords = new long[layouts.size() + 1];
    this.firstChunks = new long[layouts.size() + 1];
    for (int i = 0; i < layouts.size(); i++) {
      long records = firstRecords[i] + layouts.get(i).records();
      if (records < 0 || records > OrderSource.MOST_RECORDS) {
        throw new IllegalArgumentException(
            "the sources have more than "
                + OrderSource.MOST_RECORDS
                + " records together: load fewer sources");
      }
      firstRecords[i + 1] = records;
      firstChunks[i + 1] = firstChunks[i] + layouts.get(i).chunks();
    }
  }

  /** Number of sources. */
  int sources() {
    return layouts.size();
  }

  /** The source that has a record. */
  int sourceOf(long record) {
    return lastAtMost(firstRecords, record);
  }

  /** The number of records before a source. */
  long firstRecordOf(int source) {
    return firstRecords[source];
  }

  /** The number of chunks before a source. */
  long firstChunkOf(int source) {
    return firstChunks[source];
  }

  /** The last source that is not empty and whose first number is at most {@code number}. */
  private static int lastAtMost(long[] firsts, long number) {
    int low = 0;
    int high = firsts.length - 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (firsts[middle] <= number) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public long records() {
    return firstRecords[layouts.size()];
  }

  @Override
  public long chunks() {
    return firstChunks[layouts.size()];
  }

  @Override
  public long firstRecord(long chunk) {
    if (chunk == chunks()) {
      return records();
    }
    int source = lastAtMost(firstChunks, chunk);
    return firstRecords[source] + layouts.get(source).firstRecord(chunk - firstChunks[source]);
  }

  @Override
  public long chunkOf(long record) {
    int source = sourceOf(record);
    return firstChunks[source] + layouts.get(source).chunkOf(record - firstRecords[source]);
  }

  @Override
  public long bytes(long chunk) {
    int source = lastAtMost(firstChunks, chunk);
    return layouts.get(source).bytes(chunk - firstChunks[source]);
  }

  @Override
  public String toString() {
    return "ConcatenatedLayout" + Arrays.toString(firstRecords);
  }
}

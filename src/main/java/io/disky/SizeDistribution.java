package io.disky;

import io.disky.engine.NativeReader.RecordSizes;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sizes of the records, or of the chunks, of a file, in bytes.
 *
 * @param count the number of sizes
 * @param smallest the smallest size; 0 if there is none
 * @param largest the largest size; 0 if there is none
 * @param total the sum of all sizes; {@link Long#MAX_VALUE} if it is larger
 * @param histogram the number of sizes in each class, by the smallest size of the class: 0, 1, 2
 *     (for 2 and 3), 4 (for 4 to 7), and so on. Classes without sizes are absent
 */
public record SizeDistribution(
    long count, long smallest, long largest, long total, SortedMap<Long, Long> histogram) {
  private static final int BUCKETS = Long.SIZE;

  /** Copies the histogram. */
  public SizeDistribution {
    histogram = Collections.unmodifiableSortedMap(new TreeMap<>(histogram));
  }

  /** The mean size; 0 if {@link #count()} is 0. */
  public double mean() {
    return count == 0 ? 0 : (double) total / count;
  }

  /** Gathers sizes. */
  static final class Summary {
    private final SortedMap<Long, Long> histogram = new TreeMap<>();
    private long count;
    private long smallest = Long.MAX_VALUE;
    private long largest;
    private long total;

    void add(long size) {
      count++;
      smallest = Math.min(smallest, size);
      largest = Math.max(largest, size);
      total = Math.min(total, Long.MAX_VALUE - size) + size;
      histogram.merge(Long.highestOneBit(size), 1L, Long::sum);
    }

    SizeDistribution distribution() {
      return new SizeDistribution(count, count == 0 ? 0 : smallest, largest, total, histogram);
    }
  }

  /** The record sizes that the engine has counted. */
  static SizeDistribution of(RecordSizes sizes) {
    return new SizeDistribution(
        sizes.count(),
        sizes.smallest(),
        sizes.largest(),
        sizes.total(),
        histogram(sizes.buckets()));
  }

  /**
   * The histogram of counts by number of significant bits.
   *
   * @param counts element {@code i} is the number of sizes with {@code i} significant bits
   */
  static SortedMap<Long, Long> histogram(long[] counts) {
    SortedMap<Long, Long> histogram = new TreeMap<>();
    for (int bits = 0; bits < Math.min(counts.length, BUCKETS); bits++) {
      if (counts[bits] > 0) {
        histogram.put(bits == 0 ? 0 : 1L << (bits - 1), counts[bits]);
      }
    }
    return histogram;
  }
}

package io.disky.cli;

import io.disky.SizeDistribution;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts sizes. The memory that it needs does not depend on their number. */
final class SizeTally {
  private final long[] countsByBits = new long[Long.SIZE];
  private long count;
  private long smallest = Long.MAX_VALUE;
  private long largest;
  private long total;

  void add(long size) {
    count++;
    smallest = Math.min(smallest, size);
    largest = Math.max(largest, size);
    total = Math.min(total, Long.MAX_VALUE - size) + size;
    countsByBits[Long.SIZE - Long.numberOfLeadingZeros(size)]++;
  }

  long count() {
    return count;
  }

  /** The sum of all sizes; {@link Long#MAX_VALUE} if it is larger. */
  long total() {
    return total;
  }

  SizeDistribution distribution() {
    SortedMap<Long, Long> histogram = new TreeMap<>();
    for (int bits = 0; bits < countsByBits.length; bits++) {
      if (countsByBits[bits] > 0) {
        histogram.put(bits == 0 ? 0 : 1L << (bits - 1), countsByBits[bits]);
      }
    }
    return new SizeDistribution(count, count == 0 ? 0 : smallest, largest, total, histogram);
  }
}

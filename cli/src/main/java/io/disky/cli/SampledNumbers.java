package io.disky.cli;

import io.disky.loader.ShuffledOrder;
import java.util.Arrays;

/**
 * The numbers of the records of a sample: those at the first positions of a shuffled order. Returns
 * them in ascending order, group by group. For one thread.
 */
final class SampledNumbers {
  /** The largest number of records that are gathered and sorted. */
  static final long MAX_SORTED = 1 << 22;

  private static final int GROUP = 1 << 14;

  private final ShuffledOrder order;
  private final long count;
  private final long[] sorted;
  private long returned;
  private long next; // the next number to examine, if the numbers are not gathered

  /**
   * The first {@code count} records of {@code order}.
   *
   * @param maxSorted if there are more records than this, they are not gathered and sorted: then
   *     the position of every record is computed
   */
  SampledNumbers(ShuffledOrder order, long count, long maxSorted) {
    this.order = order;
    this.count = count;
    this.sorted = count <= maxSorted ? sorted(order, (int) count) : new long[0];
  }

  private static long[] sorted(ShuffledOrder order, int count) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = order.recordAt(i);
    }
    Arrays.sort(numbers);
    return numbers;
  }

  /** The next numbers; empty at the end. */
  long[] next() {
    int size = (int) Math.min(GROUP, count - returned);
    long[] group =
        sorted.length == count
            ? Arrays.copyOfRange(sorted, (int) returned, (int) returned + size)
            : search(size);
    returned += size;
    return group;
  }

  private long[] search(int size) {
    long[] group = new long[size];
    for (int found = 0; found < size; next++) {
      if (order.positionOf(next) < count) {
        group[found] = next;
        found++;
      }
    }
    return group;
  }
}

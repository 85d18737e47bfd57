package io.disky.random;

import java.util.function.IntToLongFunction;

/**
 * The numbers at which consecutive parts begin: 0 for the first part, then ascending. Equal numbers
 * belong to empty parts. Immutable.
 */
final class Starts {
  private final long[] starts;
  private final long each;

  /**
   * @param count number of parts
   * @param start where the part with a given index begins
   */
  Starts(int count, IntToLongFunction start) {
    starts = new long[count];
    for (int i = 0; i < count; i++) {
      starts[i] = start.applyAsLong(i);
    }
    long mean = count < 2 ? 0 : starts[count - 1] / (count - 1);
    each = mean == 0 ? Long.MAX_VALUE : mean;
  }

  /**
   * The last part that begins at {@code value} or before. Parts of equal sizes need no search.
   *
   * @param value at least 0
   */
  int find(long value) {
    int last = starts.length - 1;
    int guess = (int) Math.min(value / each, last);
    boolean found = starts[guess] <= value && (guess == last || value < starts[guess + 1]);
    return found ? guess : search(value);
  }

  private int search(long value) {
    int low = 0;
    int high = starts.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (starts[middle] <= value) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}

package io.disky.loading;

import io.disky.order.Picks;
import java.util.Arrays;

/**
 * The records of a batch, for each source in ascending order of their numbers, which is the order
 * in which files are read. Its arrays are used again for further batches. For one thread at a time.
 */
final class SortedPicks {
  private final long[][] numbers;
  private final int[] counts;
  private final int[] begins;
  private int[] sources = new int[0];
  private int[] places = new int[0];
  private long[] keys = new long[0];
  private final NumberSort sorting = new NumberSort();
  private int count;
  private int indexMask;
  private boolean inOrder;

  /** Room for picks of {@code sources} sources. */
  SortedPicks(int sources) {
    this.numbers = new long[sources][0];
    this.counts = new int[sources];
    this.begins = new int[sources];
  }

  /** Sets the records to those of {@code picks}. */
  void set(Picks picks) {
    count = picks.count();
    if (sources.length < count) {
      int length = Math.max(count, 2 * sources.length);
      sources = new int[length];
      places = new int[length];
      keys = new long[length];
    }
    countSources(picks);
    inOrder = isInOrder(picks);
    if (inOrder) {
      takeInOrder(picks);
      return;
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(count - 1, 1));
    for (int i = 0; i < count; i++) {
      long number = picks.record(i);
      if (number >>> (Long.SIZE - 1 - bits) != 0) {
        throw new IllegalArgumentException(
            "a batch of "
                + count
                + " records is too large for a source with a record "
                + number
                + ": use smaller batches");
      }
      keys[begins[sources[i]]++] = number << bits | i;
    }
    indexMask = (1 << bits) - 1;
    int from = 0;
    for (int source = 0; source < counts.length; source++) {
      sort(source, from, bits);
      begins[source] = from;
      from += counts[source];
    }
  }

  private boolean isInOrder(Picks picks) {
    for (int i = 1; i < count; i++) {
      if (picks.record(i) < picks.record(i - 1) || sources[i] != sources[0]) {
        return false;
      }
    }
    return true;
  }

  private void takeInOrder(Picks picks) {
    if (count == 0) {
      return;
    }
    long[] sorted = room(sources[0], count);
    for (int i = 0; i < count; i++) {
      sorted[i] = picks.record(i);
      places[i] = i;
    }
  }

  private long[] room(int source, int size) {
    if (numbers[source].length < size) {
      numbers[source] = new long[Math.max(size, 2 * numbers[source].length)];
    }
    return numbers[source];
  }

  private void countSources(Picks picks) {
    Arrays.fill(counts, 0);
    for (int i = 0; i < count; i++) {
      int source = picks.source(i);
      sources[i] = source;
      counts[source]++;
    }
    int begin = 0;
    for (int source = 0; source < counts.length; source++) {
      begins[source] = begin;
      begin += counts[source];
    }
  }

  private void sort(int source, int from, int bits) {
    int size = counts[source];
    long[] sorted = room(source, size);
    sorting.sort(keys, from, size, bits);
    for (int i = 0; i < size; i++) {
      long key = keys[from + i];
      sorted[i] = key >>> bits;
      places[(int) key & indexMask] = i;
    }
  }

  /** Whether the batch is in ascending order of one source, so that places are indexes. */
  boolean isInOrder() {
    return inOrder;
  }

  /** The index in the batch of the record at a place, unless the picks are in order. */
  int index(int source, int place) {
    return (int) keys[begins[source] + place] & indexMask;
  }

  /** Number of records. */
  int count() {
    return count;
  }

  /** Number of sources. */
  int sourceCount() {
    return counts.length;
  }

  /** The source of the record at {@code index} of the batch. */
  int source(int index) {
    return sources[index];
  }

  /** The number of the record at {@code index} of the batch. */
  long number(int index) {
    return numbers[sources[index]][places[index]];
  }

  /**
   * The number of records of the batch from {@code index} on, at most {@code most}, that are from
   * the same source and have consecutive places.
   */
  int run(int index, int most) {
    int last = index;
    int end = index + most;
    while (last + 1 < end
        && sources[last + 1] == sources[index]
        && places[last + 1] == places[last] + 1) {
      last++;
    }
    return last + 1 - index;
  }

  /** The place of the record at {@code index} of the batch among {@link #numbers} of its source. */
  int place(int index) {
    return places[index];
  }

  /** The numbers of the records of a source, ascending; the first {@link #count(int)} ones. */
  long[] numbers(int source) {
    return numbers[source];
  }

  /** Number of records of a source. */
  int count(int source) {
    return counts[source];
  }
}

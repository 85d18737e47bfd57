package io.disky.order;

import java.util.Arrays;

/**
 * The rule of a reservoir: which record leaves it at each position, and which enters. Immutable;
 * the records that wait are in arrays of the caller, of {@link #size()} elements.
 */
final class ReservoirRule {
  private final OrderKey key;
  private final long records;
  private final int size;

  /**
   * A reservoir for the records 0 to {@code records} - 1.
   *
   * @param capacity the largest number of records that wait, at least 1
   */
  ReservoirRule(OrderKey key, long records, int capacity) {
    this.key = key;
    this.records = records;
    this.size = (int) Math.min(records, capacity);
  }

  /** How many records wait at first. */
  int size() {
    return size;
  }

  /** How many records wait at a position: fewer than at first if all records have entered. */
  int waiting(long position) {
    return (int) Math.min(size, records - position);
  }

  /** Number of records that have entered at a position: those with smaller numbers. */
  long entered(long position) {
    return Math.min(records, size + position);
  }

  /** The index, in the array, of the record that leaves at a position. */
  int leaving(long position) {
    return (int) key.below(waiting(position), position);
  }

  /** The records that wait at position 0. */
  long[] first() {
    long[] waiting = new long[size];
    Arrays.setAll(waiting, i -> i);
    return waiting;
  }

  /** Lets the records of positions {@code from} to {@code to} - 1 leave. */
  void pass(long[] waiting, long from, long to) {
    for (long position = from; position < to; position++) {
      int index = leaving(position);
      long entering = size + position;
      waiting[index] = entering < records ? entering : waiting[waiting(position) - 1];
    }
  }

  /**
   * Checks that the records of a checkpoint can wait at a position.
   *
   * @throws IllegalArgumentException if they cannot
   */
  void check(long position, long[] waiting) {
    if (waiting.length != waiting(position)) {
      throw new IllegalArgumentException(
          "The checkpoint has "
              + waiting.length
              + " records in the reservoir; at position "
              + position
              + " it must have "
              + waiting(position)
              + ".");
    }
    long[] sorted = waiting.clone();
    Arrays.sort(sorted);
    long previous = -1;
    for (long record : sorted) {
      if (record <= previous || record >= entered(position)) {
        throw new IllegalArgumentException(
            "The checkpoint has record "
                + record
                + " in the reservoir; at position "
                + position
                + " it must have different records, from 0 to "
                + (entered(position) - 1)
                + ".");
      }
      previous = record;
    }
  }
}

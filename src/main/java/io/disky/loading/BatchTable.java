package io.disky.loading;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of the numbers that belong to the records of a batch, in memory outside the Java heap:
 *
 * <ul>
 *   <li>the offsets of the records, one more than there are records, as in Arrow's layout {@code
 *       large_binary};
 *   <li>the numbers of the records in their sources;
 *   <li>their sources;
 *   <li>their indexes: their positions minus the first position of the batch.
 * </ul>
 *
 * @param most the largest number of records, which decides where each part begins
 */
record BatchTable(int most) {
  /** The largest number of records of a batch, so that the number of longs fits into an int. */
  static final int MOST_RECORDS = (Integer.MAX_VALUE - 1) / 3;

  /** The size of the table for each record, in bytes. */
  static final int RECORD_ENTRY = 3 * Long.BYTES;

  /** The size of the table in longs. */
  int longs() {
    return 3 * most + 1;
  }

  private long numbers() {
    return (most + 1L) * Long.BYTES;
  }

  private long sources() {
    return numbers() + (long) most * Long.BYTES;
  }

  private long indexes() {
    return sources() + (long) most * Integer.BYTES;
  }

  static long offset(MemorySegment table, int index) {
    return table.getAtIndex(ValueLayout.JAVA_LONG, index);
  }

  static void setOffset(MemorySegment table, int index, long offset) {
    table.setAtIndex(ValueLayout.JAVA_LONG, index, offset);
  }

  long number(MemorySegment table, int index) {
    return table.get(ValueLayout.JAVA_LONG, numbers() + (long) index * Long.BYTES);
  }

  int source(MemorySegment table, int index) {
    int source = storedSource(table, index);
    return source < 0 ? ~source : source;
  }

  boolean isPadding(MemorySegment table, int index) {
    return storedSource(table, index) < 0;
  }

  /** The source of a record, or its complement if the record is padding. */
  private int storedSource(MemorySegment table, int index) {
    return table.get(ValueLayout.JAVA_INT, sources() + (long) index * Integer.BYTES);
  }

  int index(MemorySegment table, int index) {
    return table.get(ValueLayout.JAVA_INT, indexes() + (long) index * Integer.BYTES);
  }

  /** Stores all numbers of the record at {@code at}, except its offset. */
  void set(MemorySegment table, int at, int source, boolean padding, long number, int index) {
    table.set(ValueLayout.JAVA_LONG, numbers() + (long) at * Long.BYTES, number);
    table.set(
        ValueLayout.JAVA_INT, sources() + (long) at * Integer.BYTES, padding ? ~source : source);
    table.set(ValueLayout.JAVA_INT, indexes() + (long) at * Integer.BYTES, index);
  }

  /** Stores all numbers of consecutive records of a source, except offsets, from {@code at} on. */
  void setRun(MemorySegment table, int at, int records, int source, long number, int index) {
    long numbers = numbers() + (long) at * Long.BYTES;
    long sources = sources() + (long) at * Integer.BYTES;
    long indexes = indexes() + (long) at * Integer.BYTES;
    for (int i = 0; i < records; i++) {
      table.set(ValueLayout.JAVA_LONG, numbers + (long) i * Long.BYTES, number + i);
    }
    for (int i = 0; i < records; i++) {
      table.set(ValueLayout.JAVA_INT, sources + (long) i * Integer.BYTES, source);
      table.set(ValueLayout.JAVA_INT, indexes + (long) i * Integer.BYTES, index + i);
    }
  }
}

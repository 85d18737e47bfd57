package io.disky.order;

import java.util.Arrays;

/** The records at consecutive positions of an epoch. For one thread. */
public final class Picks {
  // For each position: the source, and the number of the record in the source.
  private int[] sources = new int[0];
  private long[] records = new long[0];
  private long position;
  private int count;

  /** Prepares for {@code count} positions from {@code position} on. */
  public void prepare(long position, int count) {
    if (records.length < count) {
      int length = Math.max(count, 2 * records.length);
      sources = new int[length];
      records = new long[length];
    }
    this.position = position;
    this.count = count;
    Arrays.fill(sources, 0, count, 0);
  }

  /** The first position. */
  public long position() {
    return position;
  }

  /** Number of positions. */
  public int count() {
    return count;
  }

  /** The source of the record at {@code position() + index}. */
  public int source(int index) {
    return sources[index];
  }

  /** The number of the record at {@code position() + index} in its source. */
  public long record(int index) {
    return records[index];
  }

  /** The numbers of the records, for {@link PassOrder#records}. */
  public long[] records() {
    return records;
  }

  /** Sets the record at {@code position() + index}. */
  public void set(int index, int source, long record) {
    sources[index] = source;
    records[index] = record;
  }
}

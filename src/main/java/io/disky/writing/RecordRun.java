package io.disky.writing;

import io.disky.memory.PendingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Consecutive records in memory that may belong to the user, and the next of them to add to a
 * chunk. The user may change the memory at any time, so each end is read once and then checked.
 */
final class RecordRun {
  private final MemorySegment data;
  private final MemorySegment ends;
  private final long count;
  private long next;
  private long begin;

  /**
   * Creates a run from which no record has been added.
   *
   * @param data the records
   * @param ends where each record ends in {@code data}, as longs
   */
  RecordRun(MemorySegment data, MemorySegment ends) {
    this.data = data;
    this.ends = ends;
    this.count = ends.byteSize() / Long.BYTES;
  }

  /** Number of records that are left. */
  long left() {
    return count - next;
  }

  /**
   * Where the record that is {@code ahead} records after the next one ends, relative to where the
   * next one begins.
   *
   * @param before the end of the record before it; 0 for the next record
   * @throws InternalError if the memory of a mapped file is no longer there
   */
  long end(long ahead, long before) {
    long end = ends.getAtIndex(ValueLayout.JAVA_LONG, next + ahead) - begin;
    if (end < before || end > data.byteSize() - begin) {
      PendingFault.raise(); // What is no longer there has not changed.
      throw new IllegalStateException(
          "record "
              + (next + ahead)
              + " of the batch ends outside its data: the memory of the"
              + " batch has changed");
    }
    return end;
  }

  /** The next {@code bytes} bytes. */
  MemorySegment data(long bytes) {
    return data.asSlice(begin, bytes);
  }

  /** Records that {@code records} records with {@code bytes} bytes in total were added. */
  void advance(long records, long bytes) {
    next += records;
    begin += bytes;
  }
}

package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * Says on which side of what is searched a record is; see {@link RecordReader#search}.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface RecordSearch<X extends Throwable> {
  /**
   * Compares a record with what is searched.
   *
   * @param record valid during the call only
   * @return negative if the record is before it, 0 if the record is it, positive if it is after it
   */
  int compare(MemorySegment record) throws X;
}

package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * Compares records with the record to search for; see {@link RecordReader#search}.
 *
 * @param <X> the exception that it may throw
 */
@FunctionalInterface
public interface RecordSearch<X extends Throwable> {
  /**
   * Compares a record with the record to search for.
   *
   * @param record valid until this method returns
   * @return a negative number if {@code record} comes before the record to search for, 0 if it
   *     equals that record, a positive number if it comes after it
   */
  int compare(MemorySegment record) throws X;
}

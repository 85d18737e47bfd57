package io.disky.reading;

import java.lang.foreign.MemorySegment;

/**
 * Compares records with the record to search for.
 *
 * @param <X> what the user's code may throw
 */
@FunctionalInterface
public interface RecordOrder<X extends Throwable> {
  /** Returns a negative number if {@code record} is before the one to search for, 0 if equal. */
  int compare(MemorySegment record) throws X;
}

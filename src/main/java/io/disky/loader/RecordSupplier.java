package io.disky.loader;

import java.io.IOException;

/**
 * Supplies the records of a {@link RecordSource} that is code: rows of a table in memory, objects
 * of a store, or records that are computed. Several threads call it at a time, for different
 * records or for the same one, so it must be thread-safe.
 */
@FunctionalInterface
public interface RecordSupplier {
  /**
   * Puts the bytes of a record. The same number must always have the same bytes: then a loader that
   * continues from a saved state delivers what the earlier one would have delivered.
   *
   * <p>The bytes are copied at once, so the caller may change them afterwards, and may close the
   * arena of a segment. Memory of any kind may be used that the current thread can access.
   *
   * @param number the number of the record, from 0 to one less than the number of records
   * @param record takes the bytes, at least one {@code put}; it is valid until this method returns,
   *     on the current thread
   * @throws IOException if this record cannot be supplied. The loader treats it as a damaged
   *     record, of which it may skip some. An exception of another kind, and an error, stops the
   *     loader
   */
  void supply(long number, SuppliedRecord record) throws IOException;
}

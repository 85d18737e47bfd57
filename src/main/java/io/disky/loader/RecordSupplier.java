package io.disky.loader;

import java.io.IOException;

/**
 * Code that supplies the records of a {@link RecordSource}: rows of a table in memory, objects of a
 * store, or records that are computed. Several threads call it at a time, for different records or
 * for the same record, so it must be thread-safe. It must not use the loader that calls it.
 */
@FunctionalInterface
public interface RecordSupplier {
  /**
   * Puts the bytes of a record into {@code record}. The same number must always have the same
   * bytes: then a loader that continues from a saved state delivers the records that the earlier
   * loader would have delivered.
   *
   * <p>Each {@code put} copies the bytes before it returns. After that the supplier may change
   * them, or close the arena of a segment. The bytes may be in any memory that the current thread
   * can access.
   *
   * @param number the number of the record, from 0 to one less than the number of records
   * @param record takes the bytes, by at least one call of {@code put}. It is valid until this
   *     method returns, on the current thread
   * @throws IOException if this record cannot be supplied. The loader treats it as a damaged
   *     record: {@link LoaderOptions#withMaxSkipped} can allow to leave it out. Any other exception
   *     ends the loader instead of the batch that needs the record; the batches before are
   *     delivered. An error may end the loader some batches earlier
   */
  void supply(long number, SuppliedRecord record) throws IOException;
}

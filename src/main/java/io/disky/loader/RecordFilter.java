package io.disky.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Decides which records a {@link DataLoader} delivers.
 *
 * <p>Several threads call a filter at the same time. For the same record and context it must decide
 * the same each time: otherwise a resumed loader delivers other records.
 */
@FunctionalInterface
public interface RecordFilter {
  /**
   * Returns whether to keep a record.
   *
   * @param record the record, read-only, valid during the call
   * @throws IOException if the filter fails; the loader then fails with it
   */
  boolean keep(RecordContext context, MemorySegment record) throws IOException;
}

package io.disky.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Decides which records a {@link DataLoader} delivers.
 *
 * <p>Several threads call a filter at the same time, so it must be thread-safe. For the same record
 * and context it must always decide the same: otherwise a resumed loader delivers other records. It
 * must not use the loader that calls it.
 */
@FunctionalInterface
public interface RecordFilter {
  /**
   * Returns whether to keep a record.
   *
   * @param record the record, read-only, valid during the call. It can begin at any address, so
   *     layouts over it must be unaligned
   * @throws IOException if the filter fails; the loader then fails with this exception
   */
  boolean keep(RecordContext context, MemorySegment record) throws IOException;
}

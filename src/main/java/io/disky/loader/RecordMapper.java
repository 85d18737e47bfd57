package io.disky.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Replaces each record of a {@link DataLoader}: for example decodes, crops or tokenizes it.
 *
 * <p>Several threads call a mapper at the same time, so it must be thread-safe. Random changes must
 * use {@link RecordContext#seed()}, so that they are the same after a resume. A mapper must not use
 * the loader that calls it.
 */
@FunctionalInterface
public interface RecordMapper {
  /**
   * Writes the record that replaces {@code record} to {@code output}.
   *
   * @param record the record, read-only, valid during the call. It can begin at any address, so
   *     layouts over it must be unaligned
   * @param output takes the result: the mapper must call exactly one of its methods, once.
   *     Otherwise the loader fails with an {@link IllegalStateException}
   * @throws IOException if the mapper fails; the loader then fails with this exception
   */
  void map(RecordContext context, MemorySegment record, RecordOutput output) throws IOException;
}

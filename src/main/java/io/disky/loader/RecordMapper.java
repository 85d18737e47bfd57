package io.disky.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Replaces each record of a {@link DataLoader}: decodes, crops, tokenizes.
 *
 * <p>Several threads call a mapper at the same time. Random changes must use {@link
 * RecordContext#seed()}, so that they are the same after a resume.
 */
@FunctionalInterface
public interface RecordMapper {
  /**
   * Writes the record that replaces {@code record} to {@code output}.
   *
   * @param record the record, read-only, valid during the call
   * @param output where to write; exactly one of its methods must be called, once
   * @throws IOException if the mapper fails; the loader then fails with it
   */
  void map(RecordContext context, MemorySegment record, RecordOutput output) throws IOException;
}

package io.disky;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Builds a record in the memory of the chunk that a writer is gathering, for {@link
 * RecordWriter#write(long, SlotWriter)} and the same method of {@link SharedRecordWriter}, {@link
 * RotatingRecordWriter} and {@link MultiThreadedWriter}.
 */
@FunctionalInterface
public interface SlotWriter {
  /**
   * Writes the record to the beginning of {@code slot}.
   *
   * @param slot zeroed memory of the requested size; valid until this method returns; begins at any
   *     address, so layouts over it must be unaligned
   * @return the size of the record in bytes, 0 to {@code slot.byteSize()}
   * @throws IOException to discard the record; an unchecked exception discards it as well
   */
  long write(MemorySegment slot) throws IOException;
}

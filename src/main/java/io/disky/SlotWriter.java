package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * Builds a record where {@link RecordWriter#write(long, SlotWriter)} keeps it.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface SlotWriter<X extends Throwable> {
  /**
   * Writes the record to the beginning of {@code slot}.
   *
   * @param slot zeroed memory of the size asked for; valid until this method returns; begins at any
   *     address, so layouts over it must be unaligned
   * @return the size of the record in bytes, 0 to {@code slot.byteSize()}
   * @throws X to discard the record
   */
  long write(MemorySegment slot) throws X;
}

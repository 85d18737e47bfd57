package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * Takes records from {@link RandomAccessReader#visitAll}, in the thread that calls {@code
 * visitAll}.
 *
 * @param <X> the exception that it may throw
 */
@FunctionalInterface
public interface IndexedRecordVisitor<X extends Throwable> {
  /**
   * Takes a record.
   *
   * @param index the number of the record in the sequence of the reader
   * @param record read-only; valid until this method returns; begins at any address, so layouts
   *     over it must be unaligned
   * @throws X to end the visit
   */
  void visit(long index, MemorySegment record) throws X;
}

package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * What {@link RandomAccessReader#visitAll} does with each record.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface IndexedRecordVisitor<X extends Throwable> {
  /**
   * Takes a record.
   *
   * @param index the record's number
   * @param record read-only; valid until this method returns; begins at any address, so layouts
   *     over it must be unaligned
   * @throws X to end the visit
   */
  void visit(long index, MemorySegment record) throws X;
}

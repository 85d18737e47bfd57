package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * What {@link RecordReader#visit} does with each record.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface RecordVisitor<X extends Throwable> {
  /**
   * Takes a record.
   *
   * @param record read-only; valid until this method returns; begins at any address, so layouts
   *     over it must be unaligned
   * @throws X to end the visit
   */
  void visit(MemorySegment record) throws X;
}

package io.disky;

import java.lang.foreign.MemorySegment;

/**
 * Takes the records of {@link RecordReader#visit}.
 *
 * @param <X> the exception that it may throw
 */
@FunctionalInterface
public interface RecordVisitor<X extends Throwable> {
  /**
   * Takes a record.
   *
   * @param record read-only, and valid until this method returns. It begins at any address, so
   *     layouts over it must be unaligned
   * @throws X to end the visit
   */
  void visit(MemorySegment record) throws X;
}

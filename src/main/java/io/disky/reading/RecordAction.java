package io.disky.reading;

import java.lang.foreign.MemorySegment;

/**
 * Takes records one by one.
 *
 * @param <X> what the user's code may throw
 */
@FunctionalInterface
public interface RecordAction<X extends Throwable> {
  /** Takes {@code record}, which is valid until this method returns. */
  void visit(MemorySegment record) throws X;
}

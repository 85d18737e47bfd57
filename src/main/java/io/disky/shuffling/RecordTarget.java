package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Takes the records in their new order.
 *
 * @param <X> the exception that it may throw
 */
@FunctionalInterface
public interface RecordTarget<X extends Throwable> {
  /**
   * Takes the next record, which is read-only. After this call its memory either is unchanged, or
   * each access throws an {@link IllegalStateException}.
   */
  void take(MemorySegment record) throws IOException, X;
}

package io.disky.loading;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Records in memory that stays as it is until {@link #close}. An index counts the numbers that were
 * requested. For one thread at a time.
 */
public interface RecordsHold extends AutoCloseable {
  /** The memory that contains a record. */
  MemorySegment part(int index);

  /** Where the record begins in {@link #part}, in bytes. */
  long offset(int index);

  /** Size of the record in bytes. */
  long size(int index);

  /** Why the record could not be read; {@code null} if it was read. */
  @Nullable IOException failure(int index);

  /**
   * How many records from {@code index} on, of at most {@code most}, were read and lie directly one
   * after the other in the same part; 0 if the first of them was not read.
   */
  default int run(int index, int most) {
    return failure(index) == null ? 1 : 0;
  }

  @Override
  void close();
}

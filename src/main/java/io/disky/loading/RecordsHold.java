package io.disky.loading;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Records in memory that does not change until {@link #close}. The record at index i has the i-th
 * of the requested numbers. For one thread at a time.
 */
public interface RecordsHold extends AutoCloseable {
  /** The memory that contains a record. */
  MemorySegment part(int index);

  /** Where the record begins in {@link #part}, in bytes. */
  long offset(int index);

  /** Size of the record in bytes. */
  long size(int index);

  /**
   * Why the record could not be read: an {@link java.io.IOException}, or an unchecked exception of
   * the user's code; {@code null} if it was read.
   */
  @Nullable Exception failure(int index);

  /**
   * The number of records from {@code index} on, at most {@code most}, that were read and lie
   * directly one after the other in the same part; 0 if the record at {@code index} was not read.
   */
  default int run(int index, int most) {
    return failure(index) == null ? 1 : 0;
  }

  @Override
  void close();
}

package io.disky.loader;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Takes the result of a {@link RecordMapper}. Valid during the call of the mapper only. */
public interface RecordOutput {
  /**
   * Memory for the result, filled with zeros, valid during the call of the mapper. The complete
   * memory becomes the record.
   *
   * @param size the size of the result in bytes, at least 0
   * @throws IllegalArgumentException if {@code size} is negative
   * @throws IllegalStateException if this output was used before, or the call has ended
   */
  MemorySegment allocate(long size);

  /** Copies the result. Throws as {@link #allocate} does. */
  default void write(MemorySegment result) {
    allocate(result.byteSize()).copyFrom(result);
  }

  /** Copies the result. Throws as {@link #allocate} does. */
  default void write(byte[] result) {
    write(MemorySegment.ofArray(Objects.requireNonNull(result, "result")));
  }
}

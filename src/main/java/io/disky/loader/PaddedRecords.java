package io.disky.loader;

import io.disky.collation.NativeBuffers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Records of different sizes as rows of one size: {@link LoadedBatch#padded()}. The rows are in
 * memory of the batch or of an arena: they are valid as long as that is, and for the same threads.
 *
 * @param data the rows, one directly after the other: each has a record and zeros after it. Aligned
 *     to 64 bytes
 * @param width the size of a row in bytes
 * @param lengths the size of each record in bytes, as longs in the byte order of the processor.
 *     Aligned to 64 bytes
 */
public record PaddedRecords(MemorySegment data, long width, MemorySegment lengths) {
  /**
   * {@link #data} as a direct buffer in the byte order of the processor.
   *
   * @throws IllegalStateException if the rows together have more than 2<sup>31</sup> - 1 bytes
   */
  public ByteBuffer dataBuffer() {
    return NativeBuffers.of(data);
  }

  /**
   * {@link #lengths} as a direct buffer in the byte order of the processor.
   *
   * @throws IllegalStateException if the lengths have more than 2<sup>31</sup> - 1 bytes
   */
  public ByteBuffer lengthsBuffer() {
    return NativeBuffers.of(lengths);
  }
}

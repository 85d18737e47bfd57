package io.disky.examples;

import io.disky.loader.LoadedBatch;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.apache.arrow.c.ArrowArray;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/**
 * Passes batches to Arrow through the C Data Interface. The vector reads the memory of the batch:
 * nothing is copied.
 */
public final class ArrowImport {
  private static final long ARRAY_SIZE = 80;
  private static final long SCHEMA_SIZE = 72;

  private ArrowImport() {}

  /**
   * Passes the records of each batch to {@code consumer} as a vector of byte sequences, which the
   * consumer must not keep after the call.
   */
  public static void forEach(
      BufferAllocator allocator, Iterable<LoadedBatch> batches, Consumer<FieldVector> consumer) {
    for (LoadedBatch batch : batches) {
      // Closing the vector releases the array, so the batch can then be closed.
      try (batch;
          FieldVector vector = vector(allocator, batch)) {
        consumer.accept(vector);
      }
    }
  }

  /** The records of a batch as a vector in the memory of the batch. */
  static FieldVector vector(BufferAllocator allocator, LoadedBatch batch) {
    try (ArrowArray array = ArrowArray.allocateNew(allocator);
        ArrowSchema schema = ArrowSchema.allocateNew(allocator)) {
      batch.exportArrow(
          memory(array.memoryAddress(), ARRAY_SIZE), memory(schema.memoryAddress(), SCHEMA_SIZE));
      return Data.importVector(allocator, array, schema, null);
    }
  }

  private static MemorySegment memory(long address, long size) {
    return MemorySegment.ofAddress(address).reinterpret(size);
  }
}

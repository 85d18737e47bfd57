package io.disky.writing;

import io.disky.memory.MemoryFault;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Builds a record in the memory of a chunk, after its other records. */
public final class RecordInPlace {
  private RecordInPlace() {}

  /**
   * Checks the most bytes that a record can have.
   *
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public static void check(long maxSize) {
    if (maxSize < 0) {
      throw new IllegalArgumentException("the most bytes of a record are negative: " + maxSize);
    }
  }

  /**
   * Builds a record, which is not added to the chunk yet. While the builder runs, the chunk must
   * stay unchanged.
   *
   * @param maxSize the most bytes that the record can have
   * @return the size of the record in bytes, at most {@code maxSize}
   * @throws MemoryFault if memory that the builder has used cannot be accessed any more
   * @throws IOException if the builder throws it
   * @throws IllegalArgumentException if the builder returns a size outside its range
   */
  public static long build(ChunkBuffer chunk, long maxSize, RecordBuilder builder)
      throws IOException {
    long size = call(chunk, maxSize, builder);
    if (size < 0 || size > maxSize) {
      throw new IllegalArgumentException(
          "a record of " + size + " bytes was built in a slot of " + maxSize);
    }
    return size;
  }

  private static long call(ChunkBuffer chunk, long maxSize, RecordBuilder builder)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long size = builder.build(rescope(chunk.slot(maxSize), arena));
      MemoryFault.throwPending();
      return size;
    } catch (InternalError e) {
      throw MemoryFault.of("memory that the builder of a record has used", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MemorySegment rescope(MemorySegment memory, Arena arena) {
    // The chunk's memory outlives the arena: the writer, which is on the stack, holds it.
    return memory.reinterpret(arena, null);
  }
}

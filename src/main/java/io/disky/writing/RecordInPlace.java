package io.disky.writing;

import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A record that the user's code builds in the memory of a chunk, after the other records. Until it
 * {@linkplain #end ends}, the chunk must stay unchanged. It is not added to the chunk yet.
 */
public final class RecordInPlace {
  private final Arena arena;
  private final MemorySegment slot;

  private RecordInPlace(Arena arena, MemorySegment slot) {
    this.arena = arena;
    this.slot = slot;
  }

  /**
   * Checks the most bytes that a record can have.
   *
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public static void checkMaxSize(long maxSize) {
    if (maxSize < 0) {
      throw new IllegalArgumentException("the most bytes of a record are negative: " + maxSize);
    }
  }

  /**
   * Begins a record.
   *
   * @param maxSize the most bytes that the record can have
   */
  @SuppressWarnings("MustBeClosedChecker") // Closed when the record ends.
  static RecordInPlace begin(ChunkBuffer chunk, long maxSize) {
    MemorySegment memory = chunk.slot(maxSize);
    // The compiler removes this arena and its segments if it inlines the user's code.
    Arena arena = Arena.ofConfined();
    return new RecordInPlace(arena, rescope(memory, arena));
  }

  @SuppressWarnings("restricted")
  private static MemorySegment rescope(MemorySegment memory, Arena arena) {
    // The chunk's memory outlives the arena: the writer, which is on the stack, holds it.
    return memory.reinterpret(arena, null);
  }

  /**
   * Builds a record from its beginning to its end.
   *
   * @param maxSize the most bytes that the record can have
   * @return the size of the record in bytes, at most {@code maxSize}
   * @throws MemoryFault if memory that the builder has used cannot be accessed any more
   * @throws IOException if the builder throws it
   * @throws IllegalArgumentException if the builder returns a size outside its range
   */
  public static long build(ChunkBuffer chunk, long maxSize, RecordBuilder builder)
      throws IOException {
    RecordInPlace record = begin(chunk, maxSize);
    try {
      return record.check(builder.build(record.slot));
    } catch (InternalError e) {
      throw fault(e);
    } finally {
      record.end();
    }
  }

  /** Zeroed memory of the most bytes that the record can have. */
  public MemorySegment slot() {
    return slot;
  }

  /**
   * Checks the size of the record that was built, and returns it.
   *
   * @param size its size in bytes
   * @throws IllegalArgumentException if the size is negative or exceeds that of the slot
   * @throws InternalError if memory that the user's code has used cannot be accessed any more
   */
  public long check(long size) {
    PendingFault.raise();
    if (size < 0 || size > slot.byteSize()) {
      throw new IllegalArgumentException(
          "a record of " + size + " bytes was built in a slot of " + slot.byteSize());
    }
    return size;
  }

  /** The failure if building has failed with {@code error}. */
  public static MemoryFault fault(InternalError error) {
    return MemoryFault.of("memory that the builder of a record has used", error);
  }

  /** From now on, every access to the slot throws an {@link IllegalStateException}. */
  void end() {
    arena.close();
  }
}

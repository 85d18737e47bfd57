package io.disky.collation;

import io.disky.memory.ArenaMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for a result, aligned to {@value #ALIGNMENT} bytes, with arbitrary contents.
 *
 * @param filled the memory, for the code that computes the result
 * @param shown the same memory, for the user
 */
public record ResultMemory(MemorySegment filled, MemorySegment shown) {
  /** Alignment of results, and of the parts of a result, in bytes. */
  public static final int ALIGNMENT = 64;

  /**
   * Memory of the user.
   *
   * @throws IllegalArgumentException if {@code arena} returns other memory than requested
   */
  public static ResultMemory of(Arena arena, long size) {
    MemorySegment memory = ArenaMemory.allocate(arena, size, ALIGNMENT);
    return new ResultMemory(memory, memory);
  }

  /**
   * The smallest multiple of {@value #ALIGNMENT} that is at least {@code size}.
   *
   * @throws ArithmeticException if it exceeds a long
   */
  public static long aligned(long size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** The part of {@code size} bytes from {@code offset} on. */
  public ResultMemory part(long offset, long size) {
    return new ResultMemory(filled.asSlice(offset, size), shown.asSlice(offset, size));
  }
}

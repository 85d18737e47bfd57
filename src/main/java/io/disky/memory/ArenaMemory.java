package io.disky.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory of an arena. The arena may be code of the user, so the memory that it returns is checked
 * before use.
 */
public final class ArenaMemory {
  private ArenaMemory() {}

  /**
   * Allocates {@code size} bytes of {@code arena}.
   *
   * @throws IllegalArgumentException if the arena returns {@code null}, or memory that is too
   *     small, on the heap, read-only or not aligned
   */
  public static MemorySegment allocate(Arena arena, long size, long alignment) {
    MemorySegment memory = arena.allocate(size, alignment);
    String flaw = flaw(memory, size, alignment);
    if (flaw != null) {
      throw new IllegalArgumentException(
          "the arena did not allocate "
              + size
              + " bytes of native memory aligned to "
              + alignment
              + ", but returned "
              + flaw
              + ": "
              + arena.getClass().getName());
    }
    return memory.byteSize() == size ? memory : memory.asSlice(0, size);
  }

  private static @Nullable String flaw(@Nullable MemorySegment memory, long size, long alignment) {
    if (memory == null) {
      return "null";
    }
    if (memory.byteSize() < size) {
      return memory.byteSize() + " bytes";
    }
    if (!memory.isNative()) {
      return "memory of the Java heap";
    }
    if (memory.isReadOnly()) {
      return "read-only memory";
    }
    return memory.address() % alignment != 0 ? "memory that is not aligned" : null;
  }
}

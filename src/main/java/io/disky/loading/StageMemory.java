package io.disky.loading;

import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The memory for the result of one mapping at a time. For one thread. */
final class StageMemory implements RecordStage.Output {
  private static final long LEAST = 4 << 10;

  private NativeMemory memory = NativeMemory.NONE;
  private @Nullable Arena arena;
  private @Nullable MemorySegment result;

  // Mappers may have kept slots of this memory, which end with the record.
  private final List<NativeMemory> replaced = new ArrayList<>(0);

  /** Prepares for the next record; its result ends with {@code scope}. */
  void begin(Arena scope) {
    arena = scope;
    result = null;
  }

  @Override
  @SuppressWarnings("restricted")
  public MemorySegment allocate(long size) {
    Arena scope = arena;
    if (scope == null) {
      throw new IllegalStateException("the output is valid during the call of the mapper only");
    }
    if (result != null) {
      throw new IllegalStateException("the memory for this record was allocated before");
    }
    if (size < 0) {
      throw new IllegalArgumentException("the size of the record is negative: " + size);
    }
    if (memory.size() < size) {
      replaced.add(memory);
      memory = NativeMemory.NONE;
      memory = KeptMemory.takeOrAllocate(Math.max(LEAST, size + size / 2));
    }
    NativeMemory kept = memory;
    MemorySegment slot =
        memory.segment().asSlice(0, size).reinterpret(scope, _ -> assertKept(kept));
    slot.fill((byte) 0);
    result = slot;
    return slot;
  }

  // The action keeps the memory reachable from the slot.
  private static void assertKept(NativeMemory kept) {
    assert kept.size() >= 0;
  }

  /** Ends the call of the mapper. */
  void end() {
    arena = null;
  }

  /** The result that the mapper has written. */
  MemorySegment result() {
    MemorySegment written = result;
    if (written == null) {
      throw new IllegalStateException(
          "the mapper has not allocated memory for its result: call allocate(size) once, or use a"
              + " filter to leave out records");
    }
    return written;
  }

  /** The scope of the record has ended. */
  void endRecord() {
    if (!replaced.isEmpty()) {
      replaced.forEach(KeptMemory::give);
      replaced.clear();
    }
  }

  void release() {
    NativeMemory unused = memory;
    memory = NativeMemory.NONE;
    KeptMemory.give(unused);
  }
}

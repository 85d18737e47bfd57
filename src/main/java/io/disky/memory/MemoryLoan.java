package io.disky.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Memory that the current thread may read until this loan is closed: all segments of it then end.
 */
public final class MemoryLoan implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment view;

  /**
   * @param part a part of {@code memory}
   */
  @SuppressWarnings({"restricted", "MustBeClosedChecker"}) // Closed with this loan.
  public MemoryLoan(NativeMemory memory, MemorySegment part) {
    // The action does nothing, but each segment of the arena keeps it and so the memory reachable.
    Consumer<MemorySegment> keeper = new Keeper(memory);
    this.view = part.reinterpret(arena, keeper).asReadOnly();
  }

  private record Keeper(NativeMemory memory) implements Consumer<MemorySegment> {
    @Override
    public void accept(MemorySegment ended) {}
  }

  /** A part of the memory, read-only. */
  public MemorySegment slice(long offset, long size) {
    return view.asSlice(offset, size);
  }

  @Override
  public void close() {
    arena.close();
  }
}

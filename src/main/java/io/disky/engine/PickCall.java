package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.ffi.disky_picked;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The calls of {@link NativeReader#pick} of one reader: one object for all of them. */
final class PickCall implements NativeHandle.Call {
  private final MemorySegment picked = disky_picked.allocate(Arena.ofAuto());
  private final MemorySegment error;
  private @Nullable ChunkPick pick;
  private int chunks;

  PickCall(MemorySegment error) {
    this.error = error;
  }

  /** Reads the first {@code most} chunks, or fewer. Returns how many chunks were read. */
  int read(NativeReader reader, ChunkPick pick, int most) throws EngineException {
    this.pick = pick;
    this.chunks = most;
    try {
      reader.call(this);
    } finally {
      this.pick = null;
    }
    return (int) disky_picked.chunks(picked);
  }

  @Override
  public int make(MemorySegment pointer) {
    ChunkPick current = Objects.requireNonNull(pick, "pick");
    return disky_h.disky_reader_pick(
        pointer,
        current.chunkTable(),
        chunks,
        current.recordTable(),
        current.records(),
        current.data(),
        current.data().byteSize(),
        picked,
        error);
  }
}

package io.disky.loading;

import io.disky.memory.BatchBuffer;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;

/** A batch that claims to have one record of any size, but has no memory for it. */
public final class HugeBatch {
  private HugeBatch() {}

  /** A batch whose data must not be accessed. */
  public static FilledBatch of(long size) {
    BatchTable layout = new BatchTable(1);
    NativeMemory memory = NativeMemory.allocate((long) layout.longs() * Long.BYTES);
    MemorySegment table = memory.segment();
    BatchTable.setOffset(table, 0, 0);
    BatchTable.setOffset(table, 1, size);
    layout.set(table, 0, 0, false, 0, 0);
    MemorySegment data = table.reinterpret(size);
    ChunkPlace place = new ChunkPlace(0, 0, layout.longs(), 0, size, false);
    FilledBatch.Facts facts =
        new FilledBatch.Facts(0, 0, 0, 1, 0, size, OptionalLong.of(size), size, 0);
    return new FilledBatch(
        DecodedChunk.pooled(place, BatchBuffer.of(memory, table, data), buffer -> {}),
        layout,
        facts,
        List.of());
  }
}

package io.disky.reading;

import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import io.disky.threads.OwnerThread;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A cursor whose records end as early as the API permits: each record ends when the next one is
 * requested, or when the callback that got it returns. A record is a copy in memory of its own,
 * because a part of a chunk cannot end before the chunk.
 */
public final class StrictCursor extends RecordCursor {
  private final BufferPool buffers;
  private @Nullable DecodedChunk copy;

  /**
   * @param buffers memory for the copies
   */
  public StrictCursor(ChunkSupply supply, OwnerThread owner, BufferPool buffers) {
    super(supply, owner);
    this.buffers = buffers;
  }

  @Override
  public MemorySegment step() {
    endRecord(); // If the user's native code uses the record, this throws, and nothing is lost.
    MemorySegment record = peek();
    BatchBuffer buffer = buffers.take();
    long size = record.byteSize();
    buffer.reserve(1, size);
    buffer.ends().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, size);
    MemorySegment.copy(record, 0, buffer.data(), 0, size);
    ChunkPlace place = new ChunkPlace(chunkBegin(), chunkBegin(), 1, 0, size, false);
    DecodedChunk copied = DecodedChunk.pooled(place, buffer, buffers);
    MemorySegment strict = copied.get(0);
    copy = copied;
    pass(size); // Last: if there is no memory for the copy, the record is still the next one.
    return strict;
  }

  private long chunkBegin() {
    DecodedChunk chunk = current();
    return chunk == null ? 0 : chunk.place().chunkBegin();
  }

  @Override
  public void resume() {
    super.resume();
    endRecord();
  }

  @Override
  public void release() {
    try {
      endRecord();
    } finally {
      super.release();
    }
  }

  private void endRecord() {
    DecodedChunk ended = copy;
    if (ended != null) {
      ended.close();
      copy = null;
    }
  }
}

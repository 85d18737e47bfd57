package io.disky.reading;

import io.disky.engine.NativeReader;
import io.disky.engine.Step;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a run that were decoded together with the chunk before them, and are not delivered
 * yet. Their data were hashed at the same time, which takes less time.
 */
final class ChunksAhead {
  /** A chunk, and the step that has found it. */
  record Entry(DecodedChunk chunk, Step step) {}

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  // The memory that the last chunk has taken; 0 bytes if none was decoded since the feed was moved.
  private long records;
  private long bytes;

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether the chunks after the first one of a run take at most {@code most} bytes. */
  boolean fits(long most) {
    return bytes > 0 && bytes + records * Long.BYTES <= most / (NativeReader.MOST_IN_RUN - 1);
  }

  /** The feed has decoded a chunk: the next ones are expected to be about as large. */
  void met(Step step) {
    ChunkPlace place = step.chunk();
    records = place.count();
    bytes = place.dataOffset() + place.dataSize();
  }

  /** Buffers of {@code pool} for the chunks of a run. */
  List<BatchBuffer> buffers(BufferPool pool) {
    List<BatchBuffer> buffers = new ArrayList<>(NativeReader.MOST_IN_RUN);
    boolean taken = false;
    try {
      for (int i = 0; i < NativeReader.MOST_IN_RUN; i++) {
        buffers.add(pool.take());
        buffers.getLast().reserve(records, bytes);
      }
      taken = true;
    } finally {
      if (!taken) {
        buffers.forEach(pool::give);
      }
    }
    return buffers;
  }

  void add(DecodedChunk chunk, Step step) {
    entries.add(new Entry(chunk, step));
  }

  /** Takes the next chunk; {@code null} if there is none. */
  @Nullable Entry poll() {
    return entries.poll();
  }

  /** Closes all chunks, after a move, or at the end. */
  void clear() {
    entries.forEach(entry -> entry.chunk().close());
    entries.clear();
    bytes = 0;
  }
}

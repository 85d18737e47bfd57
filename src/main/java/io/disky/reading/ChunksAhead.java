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

  // Bytes per record. The ends of many smaller records take so much of the processor's caches that
  // the first chunk of a run would leave them before it is delivered; a small chunk would not.
  private static final long SMALL_RECORD = 256;
  private static final long SMALL_CHUNK = 64 << 10;

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  // The memory that the last chunk has taken; 0 bytes if none was decoded since the feed was moved.
  private long records;
  private long bytes;

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether a run pays, and its chunks after the first one take at most {@code most} bytes. */
  boolean pays(long most) {
    long memory = bytes + records * Long.BYTES;
    return bytes > 0
        && (records <= bytes / SMALL_RECORD || memory <= SMALL_CHUNK)
        && NativeReader.mostInRun() > 1
        && memory <= most / (NativeReader.mostInRun() - 1);
  }

  /** The feed has decoded a chunk: the next ones are expected to be about as large. */
  void met(Step step) {
    ChunkPlace place = step.chunk();
    records = place.count();
    bytes = place.dataOffset() + place.dataSize();
  }

  /** Buffers of {@code pool} for the chunks of a run. */
  List<BatchBuffer> buffers(BufferPool pool) {
    int count = NativeReader.mostInRun();
    List<BatchBuffer> buffers = new ArrayList<>(count);
    boolean taken = false;
    try {
      for (int i = 0; i < count; i++) {
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

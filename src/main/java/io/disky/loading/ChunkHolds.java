package io.disky.loading;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The decoded chunks that later batches of an epoch need again. For one thread at a time. */
final class ChunkHolds {
  // Decoding a chunk of fewer records is about as fast as reading its records.
  private static final long FEW_RECORDS = 2;

  private record Key(int source, long chunk) {}

  private final List<LoadedSource> sources;
  private final SharedHold.Memory memory;
  private final Map<Key, SharedHold> holds = new HashMap<>();

  ChunkHolds(List<LoadedSource> sources, SharedHold.Memory memory) {
    this.sources = sources;
    this.memory = memory;
  }

  /** The chunks of a batch. */
  static final class Needed {
    private final List<SharedHold> all = new ArrayList<>();
    private final List<SharedHold> fresh = new ArrayList<>();
    private long freshBytes;

    /** All chunks of the batch, which is a user of each of them. */
    List<SharedHold> all() {
      return all;
    }

    /** The chunks that must be decoded before the batch is gathered. */
    List<SharedHold> fresh() {
      return fresh;
    }

    /** The memory that the {@linkplain #fresh() fresh} chunks are expected to take, in bytes. */
    long freshBytes() {
      return freshBytes;
    }
  }

  /** The chunks of the records of {@code picks}, without chunks that are not worth keeping. */
  Needed need(SortedPicks picks, StepOrder order) {
    Needed needed = new Needed();
    for (int source = 0; source < picks.sourceCount(); source++) {
      if (picks.count(source) > 0 && order.sharesChunks(source)) {
        need(source, picks.numbers(source), picks.count(source), needed);
      }
    }
    return needed;
  }

  private void need(int source, long[] numbers, int count, Needed needed) {
    long end = -1;
    for (int i = 0; i < count; i++) {
      if (numbers[i] >= end) {
        end = needChunk(source, numbers[i], needed);
      }
    }
  }

  /** Returns the number after the last record of the chunk. */
  private long needChunk(int source, long number, Needed needed) {
    LoadedSource from = sources.get(source);
    long chunk = from.layout().chunkOf(number);
    long end = from.layout().firstRecord(chunk + 1);
    if (end - from.layout().firstRecord(chunk) >= FEW_RECORDS) {
      Key key = new Key(source, chunk);
      SharedHold hold = holds.get(key);
      if (hold == null) {
        long bytes = expected(from.layout().bytes(chunk));
        hold = new SharedHold(from, chunk, bytes, memory);
        holds.put(key, hold);
        needed.fresh.add(hold);
        needed.freshBytes += bytes;
      }
      hold.retain();
      needed.all.add(hold);
    }
    return end;
  }

  /** The memory of a chunk of {@code bytes} bytes, because buffers are allocated a bit larger. */
  private static long expected(long bytes) {
    return bytes + bytes / 8 + 128;
  }

  /** Releases the chunks that no later batch needs. */
  void releaseDone(StepOrder order) {
    Iterator<Map.Entry<Key, SharedHold>> all = holds.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Key, SharedHold> next = all.next();
      if (order.isDone(next.getKey().source(), next.getKey().chunk())) {
        all.remove();
        next.getValue().release();
      }
    }
  }

  /** Releases all chunks. */
  void releaseAll() {
    holds.values().forEach(SharedHold::release);
    holds.clear();
  }
}

package io.disky.loading;

import io.disky.order.ChunkLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Records that state their own number, in chunks of one size; counts what is done with them. */
final class FakeSource implements LoadedSource {
  final AtomicInteger holds = new AtomicInteger();
  final AtomicInteger mostHolds = new AtomicInteger();
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger reads = new AtomicInteger();
  final AtomicLong decoded = new AtomicLong();
  final Set<Long> damaged = ConcurrentHashMap.newKeySet();
  volatile boolean closed;
  volatile @Nullable IOException failure;
  volatile Runnable onRead = () -> {};

  private final long records;
  private final long perChunk;
  private final int recordSize;

  FakeSource(long records, long perChunk, int recordSize) {
    this.records = records;
    this.perChunk = perChunk;
    this.recordSize = recordSize;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public byte[] identity() {
    return ("fake" + records).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public long meanRecordSize() {
    return recordSize;
  }

  @Override
  public ChunkLayout layout() {
    return new ChunkLayout() {
      @Override
      public long records() {
        return records;
      }

      @Override
      public long chunks() {
        return (records + perChunk - 1) / perChunk;
      }

      @Override
      public long firstRecord(long chunk) {
        return Math.min(chunk * perChunk, records);
      }

      @Override
      public long chunkOf(long record) {
        return record / perChunk;
      }

      @Override
      public long bytes(long chunk) {
        return (firstRecord(chunk + 1) - firstRecord(chunk)) * (recordSize + 8L);
      }
    };
  }

  @Override
  public ChunkHold hold(long chunk) {
    decoded.incrementAndGet();
    int now = holds.incrementAndGet();
    mostHolds.accumulateAndGet(now, Math::max);
    return new ChunkHold() {
      @Override
      public long bytes() {
        return layout().bytes(chunk);
      }

      @Override
      public void close() {
        holds.decrementAndGet();
      }
    };
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed with the hold
  public RecordsHold read(long[] numbers, int count) throws IOException {
    onRead.run();
    IOException failed = failure;
    if (failed != null) {
      throw failed;
    }
    if (closed) {
      throw new IllegalStateException("read after the source was closed");
    }
    reads.incrementAndGet();
    open.incrementAndGet();
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate((long) recordSize * count, 8);
    long[] requested = java.util.Arrays.copyOf(numbers, count);
    for (int i = 0; i < count; i++) {
      if (i > 0 && numbers[i] < numbers[i - 1]) {
        throw new AssertionError("the numbers are not ascending");
      }
      memory.set(ValueLayout.JAVA_LONG, (long) recordSize * i, numbers[i]);
    }
    return new RecordsHold() {
      @Override
      public MemorySegment part(int index) {
        return memory;
      }

      @Override
      public long offset(int index) {
        return (long) recordSize * index;
      }

      @Override
      public long size(int index) {
        return recordSize;
      }

      @Override
      public @Nullable IOException failure(int index) {
        long chunk = requested[index] / perChunk;
        return damaged.contains(chunk) ? new IOException("chunk " + chunk + " is damaged") : null;
      }

      @Override
      public void close() {
        open.decrementAndGet();
        arena.close();
      }
    };
  }

  @Override
  public void close() {
    if (holds.get() != 0 || open.get() != 0) {
      throw new AssertionError("closed while " + holds + " chunks and " + open + " reads are held");
    }
    closed = true;
  }
}

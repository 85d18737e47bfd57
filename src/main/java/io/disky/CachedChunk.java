package io.disky;

import io.disky.memory.BatchBuffer;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import io.disky.memory.MemoryFault;
import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A decoded chunk that threads share. While somebody has pinned it, its memory is not used for
 * anything else. Thread-safe, and takes no lock.
 */
final class CachedChunk {
  private static final int RETIRED = -1;
  private static final VarHandle PINS;
  private static final VarHandle SETTLED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      PINS = lookup.findVarHandle(CachedChunk.class, "pins", int.class);
      SETTLED = lookup.findVarHandle(CachedChunk.class, "settled", CountDownLatch.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Memory of a chunk: end offsets, and behind them records.
   *
   * @param memory what it is a part of
   * @param begin where it begins there, in bytes
   * @param size its size in bytes
   * @param apart whether it is no part of the cache's
   */
  record Memory(NativeMemory memory, long begin, long size, boolean apart) {
    MemorySegment segment() {
      return memory.segment();
    }
  }

  /**
   * Where the records are.
   *
   * @param firstRecord the number of the first one in its file
   * @param ends offset of the end offsets in the memory's segment
   * @param data offset of the records there
   */
  record Records(
      long firstRecord,
      long chunkBegin,
      long chunkEnd,
      int count,
      long ends,
      long data,
      long dataSize) {}

  private final long key;
  private volatile int pins = 1;

  // There if somebody waits.
  private volatile @Nullable CountDownLatch settled;

  // Written before the volatile ones. What a look-up needs is here once more: each object on the
  // way to it would take as long as all the rest, because few of them are in the processor's
  // caches.
  private @Nullable Memory memory;
  private @Nullable MemorySegment segment;
  private long firstRecord;
  private long ends;
  private long data;
  private long dataSize;
  private int last;
  private @Nullable Records records;
  private volatile boolean decoded;
  private volatile boolean failed;

  // Only a hint.
  private boolean used;

  /** A chunk that the caller has pinned and is about to decode. */
  CachedChunk(long key) {
    this.key = key;
  }

  long key() {
    return key;
  }

  /** Pins the chunk; {@code false} if it is gone. */
  boolean pin() {
    int now = pins;
    while (now >= 0) {
      if (PINS.compareAndSet(this, now, now + 1)) {
        return true;
      }
      now = pins;
    }
    return false;
  }

  /** Takes back a pin; says whether it was the last one. */
  boolean unpin() {
    return (int) PINS.getAndAdd(this, -1) == 1;
  }

  /** Makes it impossible to pin the chunk; {@code false} if somebody has. */
  boolean retire() {
    return PINS.compareAndSet(this, 0, RETIRED);
  }

  /** The chunk is decoded: whoever waits gets it. */
  void ready(Memory memory, Records records) {
    this.memory = memory;
    this.segment = memory.segment();
    this.firstRecord = records.firstRecord();
    this.ends = records.ends();
    this.data = records.data();
    this.dataSize = records.dataSize();
    this.last = records.count() - 1;
    this.records = records;
    this.decoded = true;
    wake();
  }

  /** The chunk could not be decoded. */
  void failed() {
    failed = true;
    wake();
  }

  private void wake() {
    CountDownLatch latch = settled;
    if (latch != null) {
      latch.countDown();
    }
  }

  private boolean isSettled() {
    return decoded || failed;
  }

  /** Waits until the chunk is decoded; {@code false} if it could not be. */
  boolean await() {
    if (decoded) {
      return true;
    }
    CountDownLatch latch = latch();
    boolean interrupted = false;
    // Once the latch is there, it is opened after the chunk is settled.
    while (!isSettled()) {
      try {
        latch.await();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return decoded;
  }

  private CountDownLatch latch() {
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch there = (CountDownLatch) SETTLED.compareAndExchange(this, null, latch);
    return there == null ? latch : there;
  }

  /** Remembers that somebody wanted the chunk again. */
  void use() {
    if (!used) {
      used = true;
    }
  }

  /** Says whether somebody wanted the chunk since the last call. */
  boolean wasUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  @Nullable Memory memory() {
    return memory;
  }

  /** How much memory it has, in bytes. */
  long memorySize() {
    Memory held = memory;
    return held == null ? 0 : held.size();
  }

  private Records records() {
    return present(records);
  }

  private MemorySegment segment() {
    return present(segment);
  }

  private static <T> T present(@Nullable T ofDecoded) {
    if (ofDecoded == null) {
      throw new IllegalStateException("the chunk is not decoded");
    }
    return ofDecoded;
  }

  /** The number of its first record in its file. */
  long firstRecord() {
    return firstRecord;
  }

  /** Where a record ends, counted from the first one's begin. */
  private long end(MemorySegment in, int index) {
    return index == last
        ? dataSize
        : in.get(ValueLayout.JAVA_LONG, ends + (long) index * Long.BYTES);
  }

  private long begin(MemorySegment in, int index) {
    return index == 0 ? 0 : end(in, index - 1);
  }

  /** Size of a record in bytes. */
  long size(int index) {
    MemorySegment in = segment();
    return end(in, index) - begin(in, index);
  }

  /**
   * Copies a record of {@code size} bytes to {@code to}, which is the user's.
   *
   * @throws MemoryFault if that memory is no longer there
   */
  void copy(int index, MemorySegment to, long offset, long size) throws MemoryFault {
    MemorySegment in = segment();
    try {
      MemorySegment.copy(in, data + begin(in, index), to, offset, size);
      MemoryFault.throwPending();
    } catch (InternalError e) {
      throw MemoryFault.of("memory of an arena that is to be read to", e);
    }
  }

  /** The record as an array. */
  byte[] toArray(int index) {
    MemorySegment in = segment();
    long begin = begin(in, index);
    return in.asSlice(data + begin, end(in, index) - begin).toArray(ValueLayout.JAVA_BYTE);
  }

  /** A batch of all records, without a copy; its end calls {@code owner}. */
  RecordBatch batch(BatchBuffer.Owner owner) {
    Records all = records();
    MemorySegment in = segment();
    ChunkPlace place =
        new ChunkPlace(all.chunkBegin(), all.chunkEnd(), all.count(), 0, all.dataSize(), false);
    BatchBuffer buffer =
        BatchBuffer.of(
            present(memory).memory(),
            in.asSlice(all.ends(), (long) all.count() * Long.BYTES),
            in.asSlice(all.data(), all.dataSize()));
    return new RecordBatch(DecodedChunk.pooled(place, buffer, owner));
  }
}

package io.disky;

import java.lang.foreign.Arena;
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
   * @param begin where it begins in {@code segment}, in bytes
   * @param size its size in bytes
   * @param apart whether it is no part of the cache's
   * @param arena what is to be closed with it, if anything is
   */
  record Memory(
      MemorySegment segment, long begin, long size, boolean apart, @Nullable Arena arena) {}

  /** Where the records are: offsets in the memory's segment. */
  record Records(long chunkBegin, long chunkEnd, int count, long ends, long data, long dataSize) {}

  private final long key;
  private volatile int pins = 1;

  // There if somebody waits.
  private volatile @Nullable CountDownLatch settled;

  // What is behind a volatile is written before it.
  private @Nullable Memory memory;
  private volatile @Nullable Records records;
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
    this.records = records;
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
    return records != null || failed;
  }

  /** Waits until the chunk is decoded; {@code false} if it could not be. */
  boolean await() {
    if (records != null) {
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
    return records != null;
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
    Records decoded = records;
    if (decoded == null) {
      throw new IllegalStateException("the chunk is not decoded");
    }
    return decoded;
  }

  private MemorySegment segment() {
    Memory held = memory;
    if (held == null) {
      throw new IllegalStateException("the chunk is not decoded");
    }
    return held.segment();
  }

  /** Number of records. */
  int count() {
    return records().count();
  }

  /** Where a record ends, counted from the first one's begin. */
  private long end(Records decoded, int index) {
    return segment().get(ValueLayout.JAVA_LONG, decoded.ends() + (long) index * Long.BYTES);
  }

  private long begin(Records decoded, int index) {
    return index == 0 ? 0 : end(decoded, index - 1);
  }

  /** Size of a record in bytes. */
  long size(int index) {
    Records decoded = records();
    return end(decoded, index) - begin(decoded, index);
  }

  /** Copies a record of {@code size} bytes to {@code to}. */
  void copy(int index, MemorySegment to, long offset, long size) {
    Records decoded = records();
    MemorySegment.copy(segment(), decoded.data() + begin(decoded, index), to, offset, size);
  }

  /** The record as an array. */
  byte[] toArray(int index) {
    Records decoded = records();
    long begin = begin(decoded, index);
    long size = end(decoded, index) - begin;
    return segment().asSlice(decoded.data() + begin, size).toArray(ValueLayout.JAVA_BYTE);
  }

  /** A batch of all records, without a copy; its end calls {@code owner}. */
  RecordBatch batch(BatchBuffer.Owner owner) {
    Records decoded = records();
    MemorySegment ends = segment().asSlice(decoded.ends(), (long) decoded.count() * Long.BYTES);
    MemorySegment data = segment().asSlice(decoded.data(), decoded.dataSize());
    RecordBatch.Place place =
        new RecordBatch.Place(
            decoded.chunkBegin(),
            decoded.chunkEnd(),
            decoded.count(),
            0,
            decoded.dataSize(),
            false);
    return RecordBatch.pooled(place, BatchBuffer.of(ends, data), owner);
  }
}

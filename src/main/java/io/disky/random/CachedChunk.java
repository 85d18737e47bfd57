package io.disky.random;

import io.disky.memory.BatchBuffer;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A decoded chunk that threads share. While a thread has pinned it, its memory is not used again.
 * Thread-safe, and takes no lock.
 */
final class CachedChunk {
  private static final int RETIRED = -1;

  /** The longest array that every JVM can allocate. */
  private static final int MAX_ARRAY_SIZE = Integer.MAX_VALUE - 8;

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
   * The memory of a chunk.
   *
   * @param memory the memory of which this is a part
   * @param begin offset of that part in bytes
   * @param size its size in bytes
   * @param apart whether it does not belong to the memory of the cache
   */
  record Allocation(NativeMemory memory, long begin, long size, boolean apart) {
    MemorySegment segment() {
      return memory.segment();
    }
  }

  /**
   * Where a decoded chunk is in its file and in memory.
   *
   * @param firstRecord how many records of the sequence are before it
   * @param chunkBegin offset of the chunk in the file in bytes
   * @param chunkEnd offset in the file just past the chunk and its padding, in bytes
   * @param count number of records
   * @param ends offset of the end offsets in the segment of the memory, in bytes
   * @param data offset of the records in that segment, in bytes
   * @param dataSize size of all records together in bytes
   */
  record Layout(
      long firstRecord,
      long chunkBegin,
      long chunkEnd,
      int count,
      long ends,
      long data,
      long dataSize) {}

  private final long key;
  private volatile @Nullable CachedChunk next; // for ChunkTable
  private volatile int pins = 1;

  // Set by the first thread that waits.
  private volatile @Nullable CountDownLatch settled;

  // Written before the volatile fields. The fields that a look-up needs repeat parts of the
  // allocation and the layout: to load one more object can take as long as the rest of the look-up,
  // because few of these objects are in the caches of the processor.
  private @Nullable Allocation allocation;
  private @Nullable MemorySegment segment;
  private long firstRecord;
  private long ends;
  private long data;
  private long dataSize;
  private int last;
  private @Nullable Layout layout;
  private volatile boolean decoded;
  private volatile boolean failed;

  // This is only a hint, so reads and writes need no synchronization.
  private boolean used;

  /** A chunk that the caller has pinned and is about to decode. */
  CachedChunk(long key) {
    this.key = key;
  }

  long key() {
    return key;
  }

  /** The next chunk in a list of the {@link ChunkTable}. */
  @Nullable CachedChunk next() {
    return next;
  }

  /** Changes the next chunk in the list of the {@link ChunkTable}. */
  void link(@Nullable CachedChunk next) {
    this.next = next;
  }

  /** Pins the chunk; returns {@code false} if it is retired. */
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

  /** Takes back a pin; returns whether it was the last one. */
  boolean unpin() {
    return (int) PINS.getAndAdd(this, -1) == 1;
  }

  /** Makes it impossible to pin the chunk; returns {@code false} if it is pinned. */
  boolean retire() {
    return PINS.compareAndSet(this, 0, RETIRED);
  }

  /** Marks the chunk as decoded, so that threads that wait for it go on. */
  void ready(Allocation allocation, Layout layout) {
    this.allocation = allocation;
    this.segment = allocation.segment();
    this.firstRecord = layout.firstRecord();
    this.ends = layout.ends();
    this.data = layout.data();
    this.dataSize = layout.dataSize();
    this.last = layout.count() - 1;
    this.layout = layout;
    this.decoded = true;
    wake();
  }

  /** Marks the chunk as failed: it could not be decoded. */
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

  /** Waits until the chunk is decoded; returns {@code false} if it could not be. */
  boolean await() {
    if (decoded) {
      return true;
    }
    CountDownLatch latch = latch();
    boolean interrupted = false;
    // The thread that settles the chunk opens the latch afterwards.
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

  /** Remembers that a thread wanted the chunk again. */
  void use() {
    if (!used) {
      used = true;
    }
  }

  /** Returns whether a thread wanted the chunk since the last call. */
  boolean wasUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /** Its memory; {@code null} until it is decoded. */
  @Nullable Allocation allocation() {
    return allocation;
  }

  /** Size of its memory in bytes; 0 until it is decoded. */
  long memorySize() {
    Allocation held = allocation;
    return held == null ? 0 : held.size();
  }

  /** The segment of {@link #memory()}. */
  MemorySegment segment() {
    return present(segment);
  }

  private static <T> T present(@Nullable T ofDecoded) {
    if (ofDecoded == null) {
      throw new IllegalStateException("the chunk is not decoded");
    }
    return ofDecoded;
  }

  /**
   * The index in this chunk of a record that is in it.
   *
   * @param record the number of the record in the sequence
   */
  int indexOf(long record) {
    return (int) (record - firstRecord);
  }

  /** Where a record ends, in bytes after the beginning of the first record. */
  private long end(MemorySegment in, int index) {
    return index == last
        ? dataSize
        : in.get(ValueLayout.JAVA_LONG, ends + (long) index * Long.BYTES);
  }

  private long begin(MemorySegment in, int index) {
    return index == 0 ? 0 : end(in, index - 1);
  }

  /**
   * Size of a record in bytes.
   *
   * @param index the index of the record in the chunk
   */
  long size(int index) {
    MemorySegment in = segment();
    return end(in, index) - begin(in, index);
  }

  /**
   * Where a record begins in {@link #data()}, in bytes.
   *
   * @param index the index of the record in the chunk
   */
  long offset(int index) {
    return begin(segment(), index);
  }

  /**
   * Where a record begins in the segment of {@link #memory()}, in bytes.
   *
   * @param index the index of the record in the chunk
   */
  long place(int index) {
    return data + begin(segment(), index);
  }

  /** All records, one after the other. */
  MemorySegment data() {
    return segment().asSlice(data, dataSize);
  }

  /** The memory in which the records lie. */
  NativeMemory memory() {
    return present(allocation).memory();
  }

  /**
   * A copy of a record on the Java heap.
   *
   * @throws IllegalStateException if the record is too large for an array
   */
  byte[] toArray(int index) {
    MemorySegment in = segment();
    long begin = begin(in, index);
    long size = end(in, index) - begin;
    if (size > MAX_ARRAY_SIZE) {
      throw new IllegalStateException(
          "the record has " + size + " bytes, too many for an array: copy it to an arena instead");
    }
    byte[] copy = new byte[(int) size];
    // Not asSlice(...).toArray(...): the compiler cannot always leave out the slice.
    MemorySegment.copy(in, ValueLayout.JAVA_BYTE, data + begin, copy, 0, copy.length);
    return copy;
  }

  /**
   * All records, without a copy.
   *
   * @param owner called when the result is closed
   */
  DecodedChunk lend(BatchBuffer.Owner owner) {
    Layout all = present(layout);
    MemorySegment in = segment();
    ChunkPlace place =
        new ChunkPlace(all.chunkBegin(), all.chunkEnd(), all.count(), 0, all.dataSize(), false);
    BatchBuffer buffer =
        BatchBuffer.of(
            present(allocation).memory(),
            in.asSlice(all.ends(), (long) all.count() * Long.BYTES),
            in.asSlice(all.data(), all.dataSize()));
    return DecodedChunk.pooled(place, buffer, owner);
  }
}

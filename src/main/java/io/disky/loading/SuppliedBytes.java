package io.disky.loading;

import io.disky.memory.KeptMemory;
import io.disky.memory.MemoryFault;
import io.disky.memory.NativeMemory;
import io.disky.memory.PendingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Records that code of the user delivers, one after the other in one memory: the bytes are copied
 * before {@code add} returns. Bytes are accepted only while a record is being delivered, and only
 * from the thread that called {@link #begin}.
 */
public final class SuppliedBytes {
  private static final long SMALLEST = 4 << 10;

  /** The most memory that is kept while there are no records, in bytes. */
  private static final long MOST_SPARE = 8 << 20;

  private final LongAdder total;
  private NativeMemory memory = NativeMemory.NONE;
  private long begin;
  private long end;
  private boolean delivered;

  // The thread that may add bytes. Another thread never reads itself from this field.
  private volatile @Nullable Thread receiving;

  /**
   * @param total counts the memory of all records of a source, in bytes
   */
  SuppliedBytes(LongAdder total) {
    this.total = total;
  }

  /** Begins a record, to which the current thread may add bytes. */
  void begin() {
    begin = end;
    delivered = false;
    receiving = Thread.currentThread();
  }

  /** Ends the record: no more bytes are accepted. */
  void end() {
    receiving = null;
  }

  /** Removes the record that was begun last. */
  void remove() {
    end = begin;
  }

  /** Whether anything was added to the record that was begun last, even 0 bytes. */
  boolean isDelivered() {
    return delivered;
  }

  /** Where the record that was begun last begins in {@link #part()}, in bytes. */
  long place() {
    return begin;
  }

  /** Size of the record that was begun last, in bytes. */
  long size() {
    return end - begin;
  }

  /** The memory of all records. */
  MemorySegment part() {
    return memory.segment();
  }

  /**
   * Adds bytes to the record.
   *
   * @throws IllegalStateException if the current thread is not delivering a record
   * @throws IndexOutOfBoundsException if the array does not have these bytes
   * @throws OutOfMemoryError if memory is exhausted
   */
  public void add(byte[] bytes, int offset, int length) {
    checkReceiving();
    Objects.checkFromIndexSize(offset, length, bytes.length);
    reserve(length);
    MemorySegment.copy(bytes, offset, memory.segment(), ValueLayout.JAVA_BYTE, end, length);
    added(length);
  }

  /**
   * Adds bytes to the record.
   *
   * @throws MemoryFault if the memory of the bytes cannot be accessed any more; nothing is added
   * @throws IllegalStateException if the current thread is not delivering a record, or the arena of
   *     the bytes is closed
   * @throws WrongThreadException if the bytes belong to another thread
   * @throws OutOfMemoryError if memory is exhausted
   */
  public void add(MemorySegment bytes) throws MemoryFault {
    checkReceiving();
    long size = bytes.byteSize();
    reserve(size);
    try {
      MemorySegment.copy(bytes, 0, memory.segment(), end, size);
      PendingFault.raise();
    } catch (InternalError e) {
      throw MemoryFault.of("memory of a record", e);
    }
    added(size);
  }

  private void added(long size) {
    end += size;
    delivered = true;
  }

  private void checkReceiving() {
    if (receiving != Thread.currentThread()) {
      throw new IllegalStateException(
          "no record is being delivered here: add its bytes in the call that asks for the record,"
              + " on the same thread, before that call returns");
    }
  }

  private void reserve(long size) {
    long needed = Math.addExact(end, size);
    if (memory.size() < needed) {
      long larger = Math.max(SMALLEST, Math.max(needed, memory.size() + memory.size() / 2));
      NativeMemory taken = KeptMemory.takeTightOrAllocate(larger);
      total.add(taken.size());
      MemorySegment.copy(memory.segment(), 0, taken.segment(), 0, end);
      free();
      memory = taken;
    }
  }

  /** Removes all records. Some memory is kept for the next ones. */
  void clear() {
    begin = 0;
    end = 0;
    if (memory.size() > MOST_SPARE) {
      free();
    }
  }

  /** Gives the memory back. */
  void free() {
    NativeMemory unused = memory;
    memory = NativeMemory.NONE;
    total.add(-unused.size());
    KeptMemory.give(unused);
  }
}

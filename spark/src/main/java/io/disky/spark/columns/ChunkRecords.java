package io.disky.spark.columns;

import io.disky.RecordBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The records of a chunk, for the thread that reads them, and for any other thread: Spark lets
 * another thread go on with a batch, for example to feed a script.
 *
 * <p>The chunk's memory belongs to the thread that made this object, which reads it without a lock;
 * the JDK ends the memory for that thread. Other threads read under a lock, so that the memory is
 * not used again meanwhile.
 */
public final class ChunkRecords implements AutoCloseable {
  /** The largest array of a JVM, which is the largest value of the type BINARY. */
  private static final long LARGEST = Integer.MAX_VALUE - 8;

  private final String file;
  private final RecordBatch batch;
  private final Thread owner = Thread.currentThread();
  private final MemorySegment data;
  private final MemorySegment ends;
  private boolean closed;

  /**
   * The records of {@code batch}, which now belongs to the current thread.
   *
   * @param file the name of the file in messages
   */
  public ChunkRecords(String file, RecordBatch batch) {
    this.file = file;
    this.batch = batch;
    this.data = batch.data();
    this.ends = batch.ends();
  }

  /** The number of records. */
  public int count() {
    return batch.recordCount();
  }

  /** The size of all records in bytes. */
  public long size() {
    return data.byteSize();
  }

  /** The offset of the chunk in its file in bytes. */
  public long begin() {
    return batch.chunkBegin();
  }

  /**
   * A copy of the record at {@code index}.
   *
   * @throws IllegalStateException if the record is larger than an array can be, or the chunk is
   *     closed
   */
  byte[] copy(int index) {
    return Thread.currentThread() == owner ? copy(data, ends, index) : copyForeign(index);
  }

  private synchronized byte[] copyForeign(int index) {
    if (closed) {
      throw new IllegalStateException("disky: the batch of " + place() + " has ended");
    }
    return copy(everywhere(data), everywhere(ends), index);
  }

  /** The same memory for any thread; the caller makes sure that it stays valid. */
  @SuppressWarnings("restricted")
  private static MemorySegment everywhere(MemorySegment segment) {
    return MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
  }

  private byte[] copy(MemorySegment data, MemorySegment ends, int index) {
    long begin = index == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG, index - 1L);
    long size = ends.getAtIndex(ValueLayout.JAVA_LONG, index) - begin;
    checkSize(size, index);
    byte[] record = new byte[(int) size];
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, begin, record, 0, record.length);
    return record;
  }

  /** Checks that a record of {@code size} bytes fits into an array. */
  private void checkSize(long size, int index) {
    if (size > LARGEST) {
      throw new IllegalStateException(
          "disky: record "
              + index
              + " of "
              + place()
              + " has "
              + size
              + " bytes; the type BINARY holds at most "
              + LARGEST
              + ": read this file with the library, or leave out the column record");
    }
  }

  private String place() {
    return "the chunk at byte " + begin() + " of " + file;
  }

  /**
   * Ends the chunk. If another thread than the owner does, the garbage collector frees the memory,
   * because the owner may be reading it.
   */
  @Override
  public synchronized void close() {
    closed = true;
    if (Thread.currentThread() == owner) {
      batch.close();
    }
  }
}

package io.disky.writing;

import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The latest small records of a writer, in arrays, until all of them are copied to the chunk. The
 * checks of memory outside the Java heap take longer than copying a small record, so one copy of
 * many records is faster, although it copies each byte again.
 */
final class StagedRecords {
  /** Largest size of a record in bytes. For larger ones the second copy takes too long. */
  static final int LARGEST = 256;

  /** Largest size of all records in bytes, a fraction of the processor's fastest cache. */
  static final int MOST_BYTES = 1 << 13;

  /** Largest number of records. */
  static final int MOST_RECORDS = 1 << 8;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int FOUR_WORDS = 4 * Long.BYTES;

  // Empty until the first record may be added.
  private byte[] bytes = new byte[0];
  private long[] ends = new long[0];

  // ChunkBuffer changes these fields, together with its own, without a call: if the stack were
  // exhausted between two changes, records would be lost or written twice.
  int size;
  int count;

  // No record may end after this offset in bytes; -1 if no record may be added.
  int limit = -1;

  // The records that were moved to chunks: their number, and the sum of their sizes in bytes.
  long movedCount;
  long movedBytes;

  /** Accepts records until they are moved to a chunk. */
  void open() {
    if (ends.length == 0) {
      bytes = new byte[MOST_BYTES];
      ends = new long[MOST_RECORDS];
    }
    limit = MOST_BYTES;
  }

  /** Returns whether it accepts records. Otherwise it has none. */
  boolean isOpen() {
    return limit >= 0;
  }

  /** Number of records so far, including those that were moved to chunks. */
  long totalCount() {
    return movedCount + count;
  }

  /** Sum of the sizes of these records in bytes. */
  long totalBytes() {
    return movedBytes + size;
  }

  /**
   * Adds a range of an array, which the caller has checked, if there is room for it.
   *
   * @param length at most {@link #LARGEST} bytes
   */
  boolean tryAdd(byte[] array, int offset, int length) {
    int begin = size;
    int index = count;
    if (length > limit - begin || index >= ends.length) {
      return false;
    }
    if (length >= FOUR_WORDS && length <= 2 * FOUR_WORDS) {
      // System.arraycopy branches on the last bits of the length. Processors cannot predict that if
      // sizes vary. These two copies may overlap.
      int last = length - FOUR_WORDS;
      copyFourWords(array, offset, begin);
      copyFourWords(array, offset + last, begin + last);
    } else {
      System.arraycopy(array, offset, bytes, begin, length);
    }
    int end = begin + length;
    ends[index] = end;
    size = end;
    count = index + 1;
    return true;
  }

  /**
   * Adds a record of {@code length} bytes if there is room for it.
   *
   * @param length at most {@link #LARGEST} bytes
   * @throws MemoryFault if the memory of the record cannot be accessed any more; the record is not
   *     added
   */
  boolean tryAdd(MemorySegment record, int length) throws MemoryFault {
    int begin = size;
    int index = count;
    if (length > limit - begin || index >= ends.length) {
      return false;
    }
    try {
      copy(record, begin, length);
    } catch (InternalError e) {
      throw MemoryFault.of("memory of a record to write", e);
    }
    int end = begin + length;
    ends[index] = end;
    size = end;
    count = index + 1;
    return true;
  }

  private void copy(MemorySegment record, int begin, int length) {
    boolean isNative = record.isNative();
    if (isNative && length >= FOUR_WORDS && length <= 2 * FOUR_WORDS) {
      int last = length - FOUR_WORDS;
      copyFourWords(record, 0, begin);
      copyFourWords(record, last, begin + last);
    } else {
      MemorySegment.copy(record, ValueLayout.JAVA_BYTE, 0, bytes, begin, length);
    }
    if (isNative) {
      PendingFault.raise();
    }
  }

  private void copyFourWords(MemorySegment from, long offset, int at) {
    long first = from.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    long second = from.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + Long.BYTES);
    long third = from.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 2 * Long.BYTES);
    long fourth = from.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 3 * Long.BYTES);
    WORD.set(bytes, at, first);
    WORD.set(bytes, at + Long.BYTES, second);
    WORD.set(bytes, at + 2 * Long.BYTES, third);
    WORD.set(bytes, at + 3 * Long.BYTES, fourth);
  }

  private void copyFourWords(byte[] from, int offset, int at) {
    long first = (long) WORD.get(from, offset);
    long second = (long) WORD.get(from, offset + Long.BYTES);
    long third = (long) WORD.get(from, offset + 2 * Long.BYTES);
    long fourth = (long) WORD.get(from, offset + 3 * Long.BYTES);
    WORD.set(bytes, at, first);
    WORD.set(bytes, at + Long.BYTES, second);
    WORD.set(bytes, at + 2 * Long.BYTES, third);
    WORD.set(bytes, at + 3 * Long.BYTES, fourth);
  }

  /**
   * Copies all records to a chunk.
   *
   * @param begin where the first record begins in {@code data}
   * @param index index of the first record in {@code chunkEnds}
   */
  void copyTo(MemorySegment data, long begin, MemorySegment chunkEnds, long index) {
    MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, begin, size);
    for (int i = 0; i < count; i++) {
      chunkEnds.setAtIndex(ValueLayout.JAVA_LONG, index + i, begin + ends[i]);
    }
  }
}

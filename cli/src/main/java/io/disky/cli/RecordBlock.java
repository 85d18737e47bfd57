package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Copies of several records that follow each other. Not thread-safe. */
final class RecordBlock {
  private static final int SIZE = 1 << 20;
  private static final int MAX_RECORDS = 1 << 15;

  private byte[] bytes = new byte[SIZE];
  private int[] ends = new int[64];
  private int count;
  private int size;

  boolean isEmpty() {
    return count == 0;
  }

  /** Returns whether a record of {@code length} bytes fits. The first one always does. */
  boolean fits(long length) {
    return count == 0 || (count < MAX_RECORDS && length <= bytes.length - size);
  }

  /** Adds a record, which must fit. */
  void add(MemorySegment record) throws IOException {
    if (record.byteSize() > Integer.MAX_VALUE - 8) {
      throw new IOException("a record of " + record.byteSize() + " bytes is larger than 2 GiB");
    }
    int length = (int) record.byteSize();
    if (bytes.length - size < length) {
      bytes = new byte[length];
    }
    MemorySegment.copy(record, ValueLayout.JAVA_BYTE, 0, bytes, size, length);
    size += length;
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    ends[count++] = size;
  }

  /** Writes all records. */
  void writeTo(RecordSink sink) throws IOException {
    int begin = 0;
    for (int i = 0; i < count; i++) {
      sink.write(bytes, begin, ends[i] - begin);
      begin = ends[i];
    }
  }
}

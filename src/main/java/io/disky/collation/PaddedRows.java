package io.disky.collation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies records of different sizes into rows of one size. */
public final class PaddedRows {
  private PaddedRows() {}

  /**
   * Copies {@code count} records, each followed by zeros up to {@code width} bytes.
   *
   * @param offsets where each record begins in {@code data}, followed by the end of the last record
   * @param width at least the size of the largest record
   * @param lengths takes the size of each record, as a long
   */
  public static void copy(
      MemorySegment data,
      MemorySegment offsets,
      int count,
      long width,
      MemorySegment into,
      MemorySegment lengths) {
    long begin = 0;
    for (int i = 0; i < count; i++) {
      long end = offsets.get(ValueLayout.JAVA_LONG, (i + 1L) * Long.BYTES);
      long size = end - begin;
      MemorySegment.copy(data, begin, into, i * width, size);
      into.asSlice(i * width + size, width - size).fill((byte) 0);
      lengths.set(ValueLayout.JAVA_LONG, (long) i * Long.BYTES, size);
      begin = end;
    }
  }
}

package io.disky.collation;

import io.disky.collation.ColumnLayout.Column;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Copies fields of records of fixed size into columns. A block of records is copied into all
 * columns before the next block, so that the records are in the caches of a processor core for all
 * columns after the first. Values get the byte order of the processor.
 */
public final class Transposition {
  private static final long BLOCK = 128 << 10;

  // A field of at least this size, in bytes, is copied with one call for each record; a smaller
  // field is copied value by value.
  private static final long LARGE = 64;

  private static final ByteOrder SWAPPED =
      ByteOrder.nativeOrder().equals(ByteOrder.LITTLE_ENDIAN)
          ? ByteOrder.BIG_ENDIAN
          : ByteOrder.LITTLE_ENDIAN;

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfShort SWAPPED_SHORT = SHORT.withOrder(SWAPPED);
  private static final ValueLayout.OfInt SWAPPED_INT = INT.withOrder(SWAPPED);
  private static final ValueLayout.OfLong SWAPPED_LONG = LONG.withOrder(SWAPPED);

  private Transposition() {}

  /**
   * Copies all fields.
   *
   * @param records one record directly after the other
   * @param into takes the columns, at the offsets of {@link ColumnLayout#begins}
   */
  public static void copy(
      MemorySegment records, int rows, ColumnLayout layout, MemorySegment into) {
    List<Column> columns = layout.columns();
    long recordSize = layout.recordSize();
    long[] begins = layout.begins(rows);
    int block = (int) Math.max(1, BLOCK / Math.max(1, recordSize));
    for (int row = 0; row < rows; row += Math.min(block, rows - row)) {
      int count = Math.min(block, rows - row);
      for (int i = 0; i < columns.size(); i++) {
        Column column = columns.get(i);
        long from = row * recordSize + column.offset();
        long to = begins[i] + row * column.size();
        copy(column, records, from, recordSize, into, to, count);
      }
    }
  }

  private static void copy(
      Column column,
      MemorySegment records,
      long from,
      long recordSize,
      MemorySegment into,
      long to,
      int count) {
    if (column.size() >= LARGE) {
      for (int i = 0; i < count; i++) {
        copyField(column, records, from + i * recordSize, into, to + i * column.size());
      }
      return;
    }
    long size = column.element().byteSize();
    for (long value = 0; value < column.size(); value += size) {
      Stride stride = new Stride(from + value, recordSize, to + value, column.size(), count);
      copyValues(column, records, into, stride);
    }
  }

  private static void copyField(
      Column column, MemorySegment records, long from, MemorySegment into, long to) {
    if (!column.isSwapped()) {
      MemorySegment.copy(records, from, into, to, column.size());
      return;
    }
    long count = column.count();
    switch ((int) column.element().byteSize()) {
      case Short.BYTES -> MemorySegment.copy(records, SWAPPED_SHORT, from, into, SHORT, to, count);
      case Integer.BYTES -> MemorySegment.copy(records, SWAPPED_INT, from, into, INT, to, count);
      default -> MemorySegment.copy(records, SWAPPED_LONG, from, into, LONG, to, count);
    }
  }

  /** Values at equal distances, and where they go, in bytes. */
  private record Stride(long from, long distance, long to, long distanceTo, int count) {}

  // In each loop the layout is a constant; otherwise the loop would be many times slower.
  private static void copyValues(
      Column column, MemorySegment records, MemorySegment into, Stride stride) {
    boolean swapped = column.isSwapped();
    switch ((int) column.element().byteSize()) {
      case Byte.BYTES -> copyBytes(records, into, stride);
      case Short.BYTES -> {
        if (swapped) {
          copySwappedShorts(records, into, stride);
        } else {
          copyShorts(records, into, stride);
        }
      }
      case Integer.BYTES -> {
        if (swapped) {
          copySwappedInts(records, into, stride);
        } else {
          copyInts(records, into, stride);
        }
      }
      default -> {
        if (swapped) {
          copySwappedLongs(records, into, stride);
        } else {
          copyLongs(records, into, stride);
        }
      }
    }
  }

  private static void copyBytes(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(ValueLayout.JAVA_BYTE, to, records.get(ValueLayout.JAVA_BYTE, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }

  private static void copyShorts(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(SHORT, to, records.get(SHORT, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }

  private static void copySwappedShorts(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(SHORT, to, records.get(SWAPPED_SHORT, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }

  private static void copyInts(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(INT, to, records.get(INT, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }

  private static void copySwappedInts(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(INT, to, records.get(SWAPPED_INT, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }

  private static void copyLongs(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(LONG, to, records.get(LONG, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }

  private static void copySwappedLongs(MemorySegment records, MemorySegment into, Stride stride) {
    long from = stride.from;
    long to = stride.to;
    for (int i = 0; i < stride.count; i++) {
      into.set(LONG, to, records.get(SWAPPED_LONG, from));
      from += stride.distance;
      to += stride.distanceTo;
    }
  }
}

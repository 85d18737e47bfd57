package io.disky.collation;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * An array of the Arrow C Data Interface and its type. It has no null values.
 *
 * @param format the type, in the letters of the interface
 * @param length number of values
 * @param buffers addresses; 0 for the bitmap of the values that are not null
 */
public record ArrowField(
    String format, String name, long length, long[] buffers, List<ArrowField> children) {

  /** An array of byte sequences with offsets of 64 bits. */
  public static ArrowField largeBinary(long length, long offsets, long data) {
    return new ArrowField("Z", "", length, new long[] {0, offsets, data}, List.of());
  }

  /** An array of byte sequences with offsets of 32 bits. */
  public static ArrowField binary(long length, long offsets, long data) {
    return new ArrowField("z", "", length, new long[] {0, offsets, data}, List.of());
  }

  /** An array of byte sequences of {@code size} bytes each. */
  public static ArrowField fixedSizeBinary(long length, int size, long data) {
    return new ArrowField("w:" + size, "", length, new long[] {0, data}, List.of());
  }

  /**
   * Columns as one array of structs.
   *
   * @param columns the address of the memory that contains them
   */
  public static ArrowField struct(ColumnLayout layout, int rows, long columns) {
    List<ArrowField> children = new ArrayList<>();
    long[] begins = layout.begins(rows);
    for (int i = 0; i < layout.columns().size(); i++) {
      children.add(column(layout.columns().get(i), rows, columns + begins[i]));
    }
    return new ArrowField("+s", "", rows, new long[] {0}, List.copyOf(children));
  }

  private static ArrowField column(ColumnLayout.Column column, int rows, long address) {
    String format = format(column.element());
    if (!column.isSequence()) {
      return new ArrowField(format, column.name(), rows, new long[] {0, address}, List.of());
    }
    if (column.count() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the column "
              + column.name()
              + " has "
              + column.count()
              + " values for each record; a list of fixed size in Arrow has at most "
              + Integer.MAX_VALUE);
    }
    ArrowField values =
        new ArrowField(format, "item", rows * column.count(), new long[] {0, address}, List.of());
    return new ArrowField(
        "+w:" + column.count(), column.name(), rows, new long[] {0}, List.of(values));
  }

  // Arrow packs booleans into bits, so a column of them is one of unsigned bytes.
  private static String format(ValueLayout element) {
    return switch (element) {
      case ValueLayout.OfByte _ -> "c";
      case ValueLayout.OfBoolean _ -> "C";
      case ValueLayout.OfShort _ -> "s";
      case ValueLayout.OfChar _ -> "S";
      case ValueLayout.OfInt _ -> "i";
      case ValueLayout.OfLong _ -> "l";
      case ValueLayout.OfFloat _ -> "f";
      case ValueLayout.OfDouble _ -> "g";
      default -> throw new IllegalArgumentException("no type of Arrow for " + element);
    };
  }
}

package io.disky.collation;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which fields of a record of fixed size become columns. */
public final class ColumnLayout {
  /**
   * A field that becomes a column.
   *
   * @param element the value, or each value of a sequence
   * @param count number of values of a record
   * @param isSequence whether the field is a sequence, which can have only one value
   * @param offset where the field begins in the record, in bytes
   */
  public record Column(
      String name, ValueLayout element, long count, boolean isSequence, long offset) {
    /** Size of the field in bytes. */
    public long size() {
      return count * element.byteSize();
    }

    /** Whether the values have the other byte order than the processor. */
    boolean isSwapped() {
      return element.byteSize() > 1 && !element.order().equals(ByteOrder.nativeOrder());
    }
  }

  private final long recordSize;
  private final List<Column> columns;

  private ColumnLayout(long recordSize, List<Column> columns) {
    this.recordSize = recordSize;
    this.columns = columns;
  }

  /**
   * The columns of {@code layout}.
   *
   * @throws IllegalArgumentException if a member other than padding has no name or a name that
   *     another one has, or is not a value or a sequence of values; or if there is no column
   */
  public static ColumnLayout of(StructLayout layout) {
    List<Column> columns = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (MemoryLayout member : layout.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        Column column = column(member, offset);
        if (!names.add(column.name)) {
          throw new IllegalArgumentException(
              "two members of the layout have the name " + column.name + ": " + layout);
        }
        columns.add(column);
      }
      offset += member.byteSize();
    }
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("the layout has no member but padding: " + layout);
    }
    return new ColumnLayout(layout.byteSize(), List.copyOf(columns));
  }

  private static Column column(MemoryLayout member, long offset) {
    String name =
        member
            .name()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the member at byte " + offset + " has no name, use withName: " + member));
    long count = 1;
    MemoryLayout element = member;
    while (element instanceof SequenceLayout sequence) {
      count = Math.multiplyExact(count, sequence.elementCount());
      element = sequence.elementLayout();
    }
    if (!(element instanceof ValueLayout value) || value instanceof AddressLayout) {
      throw new IllegalArgumentException(
          "the member " + name + " is not a number or a sequence of numbers: " + member);
    }
    return new Column(name, value, count, member instanceof SequenceLayout, offset);
  }

  /** Size of a record in bytes. */
  public long recordSize() {
    return recordSize;
  }

  /** The columns, in the order of the members. */
  public List<Column> columns() {
    return columns;
  }

  /**
   * Where each column begins if {@code rows} records become columns, in bytes, followed by the size
   * of all columns.
   *
   * @throws ArithmeticException if the size exceeds a long
   */
  public long[] begins(int rows) {
    long[] begins = new long[columns.size() + 1];
    for (int i = 0; i < columns.size(); i++) {
      long size = Math.multiplyExact(columns.get(i).size(), (long) rows);
      begins[i + 1] = Math.addExact(begins[i], ResultMemory.aligned(size));
    }
    return begins;
  }
}

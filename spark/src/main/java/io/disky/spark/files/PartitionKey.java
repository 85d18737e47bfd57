package io.disky.spark.files;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * The values of partition columns, as far as the path of a directory or a file states them.
 * Immutable.
 */
public final class PartitionKey implements Serializable {
  /** The key of files that no partition column describes. */
  public static final PartitionKey NONE = unknown(0);

  private static final long serialVersionUID = 1;

  private final @Nullable Serializable[] values;
  private final boolean[] known;

  private PartitionKey(@Nullable Serializable[] values, boolean[] known) {
    this.values = values;
    this.known = known;
  }

  /** A key without values of {@code columns} columns. */
  static PartitionKey unknown(int columns) {
    return new PartitionKey(new Serializable[columns], new boolean[columns]);
  }

  /**
   * This key with the value that {@code text} states.
   *
   * @param index the index of {@code column}
   * @throws IllegalArgumentException if the text is not a value of the column's type
   */
  PartitionKey with(int index, StructField column, @Nullable String text) {
    @Nullable Serializable[] newValues = values.clone();
    boolean[] newKnown = known.clone();
    newValues[index] = PartitionValue.parse(column, text);
    newKnown[index] = true;
    return new PartitionKey(newValues, newKnown);
  }

  /** The number of columns. */
  public int count() {
    return values.length;
  }

  /** The value of a column, as Spark holds it in a row; {@code null} also if it is not known. */
  public @Nullable Object value(int column) {
    return values[column];
  }

  /** Whether the path states the value of a column. */
  public boolean isKnown(int column) {
    return known[column];
  }

  /** The first column whose value is not known; -1 if all are known. */
  int firstUnknown() {
    for (int i = 0; i < known.length; i++) {
      if (!known[i]) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PartitionKey that
        && Arrays.equals(values, that.values)
        && Arrays.equals(known, that.known);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + Arrays.hashCode(known);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}

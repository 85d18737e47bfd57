package io.disky.spark.columns;

import org.apache.spark.sql.types.DataTypes;

/** A column of consecutive numbers. */
public final class NumberColumn extends ReadOnlyColumn {
  /** The first number of a batch whose numbers are not known. */
  public static final long UNKNOWN = -1;

  private long first;
  private int rows;

  /** A column of the type BIGINT. */
  public NumberColumn() {
    super(DataTypes.LongType);
  }

  /** Sets the first of {@code rows} numbers; {@link #UNKNOWN} for a batch without numbers. */
  public void set(long first, int rows) {
    this.first = first;
    this.rows = rows;
  }

  @Override
  public boolean hasNull() {
    return first == UNKNOWN;
  }

  @Override
  public int numNulls() {
    return first == UNKNOWN ? rows : 0;
  }

  @Override
  public boolean isNullAt(int row) {
    return first == UNKNOWN;
  }

  @Override
  public long getLong(int row) {
    return first + row;
  }
}

package io.disky.spark.columns;

import java.util.Objects;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** A column that has the same value in all rows of a batch. */
public final class ConstantColumn extends ReadOnlyColumn {
  private int rows;
  private @Nullable Object value;

  /** A column of one of the types of partition columns, or of times. */
  public ConstantColumn(DataType type) {
    super(type);
  }

  /** Sets the value of the next {@code rows} rows, as Spark holds it in a row. */
  public void set(@Nullable Object value, int rows) {
    this.value = value;
    this.rows = rows;
  }

  private Object value() {
    return Objects.requireNonNull(value, "value");
  }

  @Override
  public boolean hasNull() {
    return value == null;
  }

  @Override
  public int numNulls() {
    return value == null ? rows : 0;
  }

  @Override
  public boolean isNullAt(int row) {
    return value == null;
  }

  @Override
  public boolean getBoolean(int row) {
    return (Boolean) value();
  }

  @Override
  public byte getByte(int row) {
    return (Byte) value();
  }

  @Override
  public short getShort(int row) {
    return (Short) value();
  }

  @Override
  public int getInt(int row) {
    return (Integer) value();
  }

  @Override
  public long getLong(int row) {
    return (Long) value();
  }

  @Override
  public UTF8String getUTF8String(int row) {
    return (UTF8String) value();
  }
}

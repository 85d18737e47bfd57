package io.disky.spark.files;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns that every data frame of record files has. */
public final class RecordSchema {
  /** The column with a record's bytes. */
  public static final String RECORD = "record";

  private RecordSchema() {}

  /** The schema without columns of partitions: {@code record BINARY NOT NULL}. */
  public static StructType records() {
    return new StructType().add(RECORD, DataTypes.BinaryType, false);
  }
}

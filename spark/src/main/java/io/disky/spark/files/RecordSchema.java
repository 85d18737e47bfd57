package io.disky.spark.files;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
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

  /** The schema with the columns of partitions after that of the records. */
  public static StructType with(PartitionColumns columns) {
    StructType schema = records();
    for (StructField column : columns.fields()) {
      schema = schema.add(column);
    }
    return schema;
  }

  /** Whether {@code column} is that of the records. */
  public static boolean isRecord(StructField column) {
    return column.name().equalsIgnoreCase(RECORD);
  }

  /** The columns of {@code schema} other than that of the records. */
  public static StructType others(StructType schema) {
    List<StructField> others = new ArrayList<>();
    for (StructField column : schema.fields()) {
      if (!isRecord(column)) {
        others.add(column);
      }
    }
    return DataTypes.createStructType(others);
  }

  /**
   * Checks a schema of the user before it is read.
   *
   * @throws IllegalArgumentException if a column is neither that of the records, with the type
   *     BINARY, nor one of {@code columns}; or one of these is not in the schema
   */
  public static void check(StructType schema, PartitionColumns columns) {
    for (StructField column : schema.fields()) {
      if (isRecord(column)) {
        checkBinary(column);
      } else if (columns.indexOf(column.name()) < 0) {
        PartitionColumns.of(others(schema)); // Reports a type that directories cannot hold.
        throw new IllegalArgumentException(
            "disky: the schema has the column "
                + column.name()
                + ", which the option "
                + PartitionColumns.OPTION
                + " does not name; a record file has the column record, and columns that"
                + " directories state");
      }
    }
    for (StructField column : columns.fields()) {
      if (Arrays.stream(schema.fieldNames()).noneMatch(column.name()::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "disky: the option "
                + PartitionColumns.OPTION
                + " names the column "
                + column.name()
                + ", which the schema does not have");
      }
    }
  }

  private static void checkBinary(StructField column) {
    if (!column.dataType().equals(DataTypes.BinaryType)) {
      throw new IllegalArgumentException(
          "disky: the column "
              + column.name()
              + " has the type "
              + column.dataType().sql()
              + " in the schema; read it as BINARY, and convert it after that");
    }
  }
}

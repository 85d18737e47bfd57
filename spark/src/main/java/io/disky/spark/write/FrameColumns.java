package io.disky.spark.write;

import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.RecordSchema;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Where the rows of a data frame have the record and the values of the partition columns. */
final class FrameColumns implements Serializable {
  private static final long serialVersionUID = 1;

  private final int record;
  private final int[] partitionIndexes;
  private final PartitionColumns partitions;

  private FrameColumns(int record, int[] partitionIndexes, PartitionColumns partitions) {
    this.record = record;
    this.partitionIndexes = partitionIndexes;
    this.partitions = partitions;
  }

  /**
   * Finds the columns in a data frame.
   *
   * @param schema the schema of the data frame
   * @param partitionNames the names of the partition columns; the data frame decides their types
   * @throws IllegalArgumentException if there is no binary column {@code record}, a partition
   *     column is missing, or there are other columns; the message names the column and the remedy
   */
  static FrameColumns in(StructType schema, List<String> partitionNames) {
    int record = indexOf(schema, RecordSchema.RECORD);
    checkRecord(schema, record);
    int[] indexes = partitionNames.stream().mapToInt(name -> partition(schema, name)).toArray();
    checkNoOthers(schema, record, indexes);
    StructType partitions = new StructType();
    for (int index : indexes) {
      partitions = partitions.add(schema.fields()[index]);
    }
    return new FrameColumns(record, indexes, PartitionColumns.of(partitions));
  }

  private static int indexOf(StructType schema, String name) {
    int found = -1;
    for (int i = 0; i < schema.length(); i++) {
      if (schema.fields()[i].name().equalsIgnoreCase(name)) {
        if (found >= 0) {
          throw new IllegalArgumentException(
              "disky: two columns of the data frame are called " + name + "; drop one of them");
        }
        found = i;
      }
    }
    return found;
  }

  private static void checkRecord(StructType schema, int index) {
    if (index < 0) {
      throw new IllegalArgumentException(
          "disky: the data frame has no column "
              + RecordSchema.RECORD
              + ", but "
              + Arrays.toString(schema.fieldNames())
              + "; the records are its binary column "
              + RecordSchema.RECORD
              + ": rename a column, as in .withColumnRenamed(\"value\", \"record\"), or compute"
              + " it, as with to_protobuf");
    }
    DataType type = schema.fields()[index].dataType();
    if (!type.equals(DataTypes.BinaryType)) {
      throw new IllegalArgumentException(
          "disky: the column "
              + RecordSchema.RECORD
              + " is "
              + type.sql()
              + ", but records are BINARY: select CAST("
              + RecordSchema.RECORD
              + " AS BINARY) AS "
              + RecordSchema.RECORD
              + " for the bytes of a text in UTF-8, or compute the bytes, as with to_protobuf");
    }
  }

  private static int partition(StructType schema, String name) {
    int index = indexOf(schema, name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "disky: the partition column "
              + name
              + " is not in the data frame, which has "
              + Arrays.toString(schema.fieldNames()));
    }
    return index;
  }

  private static void checkNoOthers(StructType schema, int record, int[] partitions) {
    for (int i = 0; i < schema.length(); i++) {
      int column = i;
      if (i != record && Arrays.stream(partitions).noneMatch(index -> index == column)) {
        String name = schema.fields()[i].name();
        throw new IllegalArgumentException(
            "disky: a record file has no place for the column "
                + name
                + ": make it part of the record (to_protobuf), a directory (option "
                + PartitionColumns.OPTION
                + " = "
                + name
                + "), or drop it (.drop(\""
                + name
                + "\"))");
      }
    }
  }

  /** The partition columns. */
  PartitionColumns partitions() {
    return partitions;
  }

  /**
   * The bytes of the record of a row.
   *
   * @throws IllegalArgumentException if the row has none
   */
  byte[] record(InternalRow row) {
    if (row.isNullAt(record)) {
      throw new IllegalArgumentException(
          "disky: the column "
              + RecordSchema.RECORD
              + " is null in a row; a record file holds bytes only: filter such rows out"
              + " (WHERE "
              + RecordSchema.RECORD
              + " IS NOT NULL), or write an empty record (COALESCE("
              + RecordSchema.RECORD
              + ", X''))");
    }
    return row.getBinary(record);
  }

  /** The value of partition column {@code i} of a row, valid until the next row. */
  @Nullable Object partitionValue(InternalRow row, int i) {
    int index = partitionIndexes[i];
    return row.isNullAt(index) ? null : row.get(index, partitions.fields().get(i).dataType());
  }
}

package io.disky.spark.read;

import io.disky.spark.columns.ChunkRecords;
import io.disky.spark.columns.ConstantColumn;
import io.disky.spark.columns.NumberColumn;
import io.disky.spark.columns.RecordColumn;
import io.disky.spark.columns.StructColumn;
import io.disky.spark.files.MetadataFields;
import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.RecordSchema;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** The columns of a scan, which each batch fills again. */
final class ScanColumns {
  private final List<ColumnVector> all = new ArrayList<>();
  private final List<OfFile> ofFile = new ArrayList<>();
  private final List<OfChunk> ofChunk = new ArrayList<>();
  private @Nullable FileSplit split;

  /** Sets a column that has one value in all rows of a file. */
  @FunctionalInterface
  private interface OfFile {
    void set(FileSplit split, int rows);
  }

  /** Sets a column whose values depend on the chunk. */
  @FunctionalInterface
  private interface OfChunk {
    void set(ChunkRecords chunk, long firstNumber);
  }

  ScanColumns(StructType schema, PartitionColumns partitionColumns) {
    for (StructField field : schema.fields()) {
      all.add(column(field, partitionColumns));
    }
  }

  /** Whether a column of {@code schema} shows records or their places, so that chunks are read. */
  static boolean needChunks(StructType schema) {
    for (StructField field : schema.fields()) {
      boolean needed =
          isMetadata(field)
              ? List.of(((StructType) field.dataType()).fieldNames()).stream()
                  .anyMatch(ScanColumns::isOfChunk)
              : RecordSchema.isRecord(field);
      if (needed) {
        return true;
      }
    }
    return false;
  }

  private static boolean isMetadata(StructField field) {
    return field.name().equals(MetadataFields.COLUMN) && field.dataType() instanceof StructType;
  }

  private static boolean isOfChunk(String metadata) {
    return metadata.equals(MetadataFields.CHUNK_BEGIN)
        || metadata.equals(MetadataFields.RECORD_INDEX)
        || metadata.equals(MetadataFields.RECORD_NUMBER);
  }

  private ColumnVector column(StructField field, PartitionColumns partitionColumns) {
    int partition = partitionColumns.indexOf(field.name());
    if (partition >= 0) {
      ConstantColumn column = new ConstantColumn(field.dataType());
      ofFile.add((file, rows) -> column.set(file.partition().value(partition), rows));
      return column;
    }
    if (isMetadata(field)) {
      StructType type = (StructType) field.dataType();
      List<ColumnVector> fields = new ArrayList<>();
      for (StructField each : type.fields()) {
        fields.add(metadata(each));
      }
      return new StructColumn(type, fields);
    }
    RecordColumn column = new RecordColumn();
    ofChunk.add((chunk, number) -> column.set(chunk));
    return column;
  }

  private ColumnVector metadata(StructField field) {
    return switch (field.name()) {
      case MetadataFields.CHUNK_BEGIN -> {
        ConstantColumn column = new ConstantColumn(field.dataType());
        ofChunk.add((chunk, number) -> column.set(chunk.begin(), chunk.count()));
        yield column;
      }
      case MetadataFields.RECORD_INDEX -> {
        NumberColumn column = new NumberColumn();
        ofChunk.add((chunk, number) -> column.set(0, chunk.count()));
        yield column;
      }
      case MetadataFields.RECORD_NUMBER -> {
        NumberColumn column = new NumberColumn();
        ofChunk.add((chunk, number) -> column.set(number, chunk.count()));
        yield column;
      }
      default -> fileMetadata(field);
    };
  }

  private ColumnVector fileMetadata(StructField field) {
    ConstantColumn column = new ConstantColumn(field.dataType());
    ofFile.add((file, rows) -> column.set(value(file, field.name()), rows));
    return column;
  }

  private static Object value(FileSplit file, String metadata) {
    return switch (metadata) {
      case MetadataFields.FILE_PATH -> UTF8String.fromString(file.path());
      case MetadataFields.FILE_NAME -> UTF8String.fromString(new Path(file.path()).getName());
      case MetadataFields.FILE_SIZE -> file.fileSize();
      case MetadataFields.FILE_MODIFICATION_TIME -> Math.multiplyExact(file.modified(), 1000L);
      default -> throw new IllegalArgumentException("disky: no metadata field " + metadata);
    };
  }

  /** The columns in the order of the schema. */
  ColumnVector[] vectors() {
    return all.toArray(ColumnVector[]::new);
  }

  /** Sets the file of the next batches. */
  void setFile(FileSplit split) {
    this.split = split;
  }

  /** Fills the columns with the records of a chunk of that file. */
  void setChunk(ChunkRecords chunk, long firstNumber) {
    setRows(chunk.count());
    ofChunk.forEach(column -> column.set(chunk, firstNumber));
  }

  /** Fills the columns that have one value in all rows of that file. */
  void setRows(int rows) {
    FileSplit file = split;
    if (file != null) {
      ofFile.forEach(column -> column.set(file, rows));
    }
  }
}

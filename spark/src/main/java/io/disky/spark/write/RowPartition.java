package io.disky.spark.write;

import io.disky.spark.files.PartitionDirectory;
import io.disky.spark.files.PartitionValue;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * The partition of one row after the other. Spark sorts the rows of a task by partition, so most
 * rows have the partition of the row before.
 */
final class RowPartition {
  private final FrameColumns columns;
  private final List<StructField> fields;
  private final @Nullable Object[] values;
  private @Nullable String directory;

  RowPartition(FrameColumns columns) {
    this.columns = columns;
    this.fields = columns.partitions().fields();
    this.values = new @Nullable Object[fields.size()];
  }

  /** The directories of the partition of a row, with {@code /} between them; empty for none. */
  String of(InternalRow row) {
    boolean changed = directory == null;
    for (int i = 0; i < values.length; i++) {
      Object value = columns.partitionValue(row, i);
      if (!Objects.equals(value, values[i])) {
        // The row's memory is used again for the next row.
        values[i] = value instanceof UTF8String text ? text.copy() : value;
        changed = true;
      }
    }
    if (changed) {
      directory = name();
    }
    return Objects.requireNonNull(directory);
  }

  private String name() {
    String[] names = new String[values.length];
    Arrays.setAll(
        names,
        i -> {
          StructField field = fields.get(i);
          String text = PartitionValue.text(field.dataType(), values[i]);
          return new PartitionDirectory(field.name(), text).name();
        });
    return String.join("/", names);
  }
}

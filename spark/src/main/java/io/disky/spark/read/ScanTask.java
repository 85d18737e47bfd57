package io.disky.spark.read;

import io.disky.spark.files.HadoopSettings;
import io.disky.spark.files.PartitionColumns;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of a scan do.
 *
 * @param schema the columns to read
 * @param partitionColumns the columns that directories state
 * @param options how files are read
 * @param limit the most rows that a task needs
 */
record ScanTask(
    StructType schema, PartitionColumns partitionColumns, ReadOptions options, long limit)
    implements ReadTask {
  /**
   * Whether chunks are decoded. If no column shows records, and damage is an error, the headers of
   * chunks state how many rows there are.
   */
  boolean decodes() {
    return options.recover() || ScanColumns.needChunks(schema);
  }

  @Override
  public PartitionReader<ColumnarBatch> reader(
      SplitPartition splits, @Nullable HadoopSettings hadoop) {
    return new ScanReader(this, splits, hadoop);
  }
}

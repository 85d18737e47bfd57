package io.disky.spark.read;

import io.disky.spark.files.HadoopSettings;
import io.disky.spark.files.PartitionColumns;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of a count do.
 *
 * @param schema the columns of the groups, then those of the counts
 * @param groups how many columns of groups there are
 * @param partitionColumns the columns that directories state
 * @param options how files are read
 */
record CountTask(
    StructType schema, int groups, PartitionColumns partitionColumns, ReadOptions options)
    implements ReadTask {
  @Override
  public PartitionReader<ColumnarBatch> reader(
      SplitPartition splits, @Nullable HadoopSettings hadoop) {
    return new CountReader(this, splits, hadoop);
  }
}

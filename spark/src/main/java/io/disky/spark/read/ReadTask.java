package io.disky.spark.read;

import io.disky.spark.files.HadoopSettings;
import java.io.Serializable;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/** What the tasks of a query do. */
interface ReadTask extends Serializable {
  /**
   * The reader of a task.
   *
   * @param hadoop {@code null} if all files are local
   */
  PartitionReader<ColumnarBatch> reader(SplitPartition splits, @Nullable HadoopSettings hadoop);
}

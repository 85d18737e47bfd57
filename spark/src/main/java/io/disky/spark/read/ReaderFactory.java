package io.disky.spark.read;

import io.disky.spark.files.HadoopSettings;
import io.disky.spark.requirements.Requirements;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/** Makes readers of columns, in tasks. */
final class ReaderFactory implements PartitionReaderFactory {
  private static final long serialVersionUID = 1;

  private final ReadTask task;
  private final @Nullable HadoopSettings hadoop;

  /**
   * @param hadoop {@code null} if all files are local
   */
  ReaderFactory(ReadTask task, @Nullable HadoopSettings hadoop) {
    this.task = task;
    this.hadoop = hadoop;
  }

  @Override
  public boolean supportColumnarReads(InputPartition partition) {
    return true;
  }

  @Override
  public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
    Requirements.checkJava();
    return task.reader((SplitPartition) partition, hadoop);
  }

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    throw new UnsupportedOperationException("disky reads columns, not rows");
  }
}

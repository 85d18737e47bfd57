package io.disky.spark.read;

import io.disky.spark.columns.ConstantColumn;
import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/** Counts the records of the parts of files of a task: a row for each part. */
final class CountReader implements PartitionReader<ColumnarBatch> {
  private final CountTask task;
  private final Iterator<FileSplit> splits;
  private final ReadCounts counts = new ReadCounts();
  private final SplitOpening opening;
  private final List<ConstantColumn> columns = new ArrayList<>();
  private final ColumnarBatch batch;
  private boolean anyRow;

  CountReader(CountTask task, SplitPartition partition, @Nullable HadoopSettings hadoop) {
    this.task = task;
    this.splits = partition.splits().iterator();
    this.opening = new SplitOpening(hadoop == null ? null : hadoop.inTask(), counts);
    for (StructField field : task.schema().fields()) {
      columns.add(new ConstantColumn(field.dataType()));
    }
    this.batch = new ColumnarBatch(columns.toArray(ColumnVector[]::new), 1);
  }

  @Override
  public boolean next() throws IOException {
    while (splits.hasNext()) {
      FileSplit split = splits.next();
      long records = count(split);
      counts.addRecords(records);
      if (records > 0) { // A group without records does not exist.
        setGroups(split);
        return row(records);
      }
    }
    // Without groups a count of nothing is 0, not missing.
    return task.groups() == 0 && !anyRow && row(0);
  }

  private long count(FileSplit split) throws IOException {
    try {
      return CountedRows.count(split, task.options(), opening, counts);
    } catch (IOException e) {
      SplitOpening.leaveOut(split, e, task.options());
      return 0;
    }
  }

  private void setGroups(FileSplit split) {
    for (int i = 0; i < task.groups(); i++) {
      int column = task.partitionColumns().indexOf(task.schema().fields()[i].name());
      columns.get(i).set(split.partition().value(column), 1);
    }
  }

  private boolean row(long records) {
    anyRow = true;
    for (ConstantColumn column : columns.subList(task.groups(), columns.size())) {
      column.set(records, 1);
    }
    return true;
  }

  @Override
  public ColumnarBatch get() {
    return batch;
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    return counts.values();
  }

  @Override
  public void close() {}
}

package io.disky.spark.read;

import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parts of files of a task one after the other; one file is open at a time. A lock makes
 * sure that the end of the task does not close a file while another thread reads it.
 */
final class ScanReader implements PartitionReader<ColumnarBatch> {
  private static final System.Logger LOG = System.getLogger("io.disky");

  private final ScanTask task;
  private final Iterator<FileSplit> splits;
  private final ReadCounts counts = new ReadCounts();
  private final SplitOpening opening;
  private final ScanColumns columns;
  private final ColumnarBatch batch;
  private long left;
  private @Nullable FileSplit split;
  private @Nullable Rows rows;
  private boolean closed;

  ScanReader(ScanTask task, SplitPartition partition, @Nullable HadoopSettings hadoop) {
    this.task = task;
    this.splits = partition.splits().iterator();
    this.opening = new SplitOpening(hadoop, counts);
    this.columns = new ScanColumns(task.schema(), task.partitionColumns());
    this.batch = new ColumnarBatch(columns.vectors());
    this.left = task.limit();
    closeWithTask();
  }

  /** Spark closes readers only if nothing before that fails. */
  private void closeWithTask() {
    TaskContext context = TaskContext.get();
    if (context != null) {
      TaskCompletionListener listener = ended -> close();
      context.addTaskCompletionListener(listener);
    }
  }

  @Override
  public synchronized boolean next() throws IOException {
    if (closed) {
      throw new IllegalStateException("disky: the task has ended");
    }
    while (left > 0) {
      int count = nextOfSplit();
      if (count < 0) {
        return false;
      }
      if (count > 0) {
        int taken = (int) Math.min(count, left);
        left -= taken;
        counts.addRecords(taken);
        batch.setNumRows(taken);
        return true;
      }
    }
    endSplit();
    return false;
  }

  /** The rows of the next batch; 0 at the end of a part of a file, -1 after the last part. */
  private int nextOfSplit() throws IOException {
    if (rows == null) {
      if (!splits.hasNext()) {
        return -1;
      }
      split = splits.next();
      columns.setFile(split);
    }
    boolean first = rows == null;
    try {
      Rows current = first ? open(split) : rows;
      rows = current;
      int count = current.next();
      if (count == 0) {
        endSplit();
      }
      return count;
    } catch (IOException e) {
      endSplit();
      if (!first || !task.options().ignoreMissing() || !SplitOpening.isMissing(e)) {
        throw SplitOpening.named(split, e);
      }
      LOG.log(
          Level.WARNING, "{0}: this file is left out: it does not exist any more", split.path());
      return 0;
    }
  }

  private Rows open(FileSplit split) throws IOException {
    return task.decodes()
        ? new DecodedRows(split, task.options(), opening, columns, counts)
        : new CountedRows(split, task.options(), opening, columns, counts);
  }

  private void endSplit() {
    Rows ended = rows;
    rows = null;
    if (ended != null) {
      ended.close();
    }
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
  public synchronized void close() {
    closed = true;
    endSplit();
  }
}

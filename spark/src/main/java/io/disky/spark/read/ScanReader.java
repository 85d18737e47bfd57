package io.disky.spark.read;

import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
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
  private final ScanTask task;
  private final Iterator<FileSplit> splits;
  private final ReadCounts counts = new ReadCounts();
  private final SplitOpening opening;
  private final ScanColumns columns;
  private final ColumnarBatch batch;
  private long left;
  private @Nullable OpenSplit current;
  private boolean closed;

  /** A part of a file whose file is open. */
  private static final class OpenSplit {
    private final FileSplit split;
    private final Rows rows;

    /** Whether it was read, so that the file exists. */
    private boolean started;

    OpenSplit(FileSplit split, Rows rows) {
      this.split = split;
      this.rows = rows;
    }
  }

  ScanReader(ScanTask task, SplitPartition partition, @Nullable HadoopSettings hadoop) {
    this.task = task;
    this.splits = partition.splits().iterator();
    this.opening = new SplitOpening(hadoop == null ? null : hadoop.inTask(), counts);
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
      OpenSplit open = current == null ? openNext() : current;
      if (open == null) {
        return false;
      }
      int count = nextOf(open);
      if (count > 0) {
        int taken = (int) Math.min(count, left);
        left -= taken;
        counts.addRecords(taken);
        batch.setNumRows(taken);
        return true;
      }
      endSplit();
    }
    endSplit();
    return false;
  }

  /** Opens the next part of a file; {@code null} after the last one. */
  private @Nullable OpenSplit openNext() throws IOException {
    while (splits.hasNext()) {
      FileSplit split = splits.next();
      columns.setFile(split);
      try {
        OpenSplit opened = new OpenSplit(split, rows(split));
        current = opened;
        return opened;
      } catch (IOException e) {
        SplitOpening.leaveOut(split, e, task.options());
      }
    }
    return null;
  }

  private Rows rows(FileSplit split) throws IOException {
    return task.decodes()
        ? new DecodedRows(split, task.options(), opening, columns, counts)
        : new CountedRows(split, task.options(), opening, columns, counts);
  }

  /** The number of rows of the next batch of {@code open}; 0 at its end. */
  private int nextOf(OpenSplit open) throws IOException {
    try {
      int count = open.rows.next();
      open.started = true;
      return count;
    } catch (IOException e) {
      endSplit();
      if (open.started) {
        throw SplitOpening.named(open.split, e);
      }
      SplitOpening.leaveOut(open.split, e, task.options());
      return 0;
    }
  }

  private void endSplit() {
    OpenSplit ended = current;
    current = null;
    if (ended != null) {
      ended.rows.close();
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

package io.disky.spark.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of one attempt of a task. A task without rows writes no file. At any time at most
 * one file is open: if the partition changes, the next file begins.
 */
final class TaskWriter implements DataWriter<InternalRow> {
  private final FrameColumns columns;
  private final RowPartition partition;
  private final int partitionId;
  private final long taskId;
  private final TaskFiles files;
  private final List<WrittenFile> written = new ArrayList<>();
  private final List<Path> opened = new ArrayList<>();
  private @Nullable ShardWriter current;
  private long records;
  private long bytes;

  TaskWriter(FrameColumns columns, int partitionId, long taskId, TaskFiles files) {
    this.columns = columns;
    this.partition = new RowPartition(columns);
    this.partitionId = partitionId;
    this.taskId = taskId;
    this.files = files;
  }

  @Override
  public void write(InternalRow row) throws IOException {
    byte[] record = columns.record(row);
    file(partition.of(row)).write(record);
    records++;
  }

  /** The file for the next record. */
  private ShardWriter file(String directory) throws IOException {
    if (current != null && (current.isFull() || !current.partition().equals(directory))) {
      complete(current);
    }
    return current == null ? open(directory) : current;
  }

  private ShardWriter open(String directory) throws IOException {
    ShardWriter next = files.open(directory, opened.size());
    opened.add(next.path());
    current = next;
    return next;
  }

  private void complete(ShardWriter file) throws IOException {
    WrittenFile complete = files.complete(file);
    current = null;
    written.add(complete);
    bytes += complete.size();
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    if (current != null) {
      complete(current);
    }
    return new WrittenFiles(partitionId, taskId, written);
  }

  @Override
  public void abort() throws IOException {
    close();
    IOException failure = null;
    for (Path file : opened) {
      try {
        files.remove(file);
      } catch (IOException e) {
        failure = Failures.add(failure, e);
      }
    }
    try {
      files.abort();
    } catch (IOException e) {
      failure = Failures.add(failure, e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes the file that is open, if any. Spark calls this at the end of every attempt. */
  @Override
  public void close() {
    if (current != null) {
      ShardWriter open = current;
      current = null;
      open.discard();
    }
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    long open = current == null ? 0 : current.size();
    return WriteMetrics.ofTask(records, bytes + open, opened.size());
  }
}

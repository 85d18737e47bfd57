package io.disky.spark.write;

import io.disky.spark.requirements.Requirements;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;

/** Makes the writers of tasks, on executors. */
final class TaskWriterFactory implements DataWriterFactory {
  private static final long serialVersionUID = 1;

  private final FrameColumns columns;
  private final TaskFiles.Factory files;

  TaskWriterFactory(FrameColumns columns, TaskFiles.Factory files) {
    this.columns = columns;
    this.files = files;
  }

  /** Opens no file, because Spark does not close a writer that it did not get. */
  @Override
  public DataWriter<InternalRow> createWriter(int partitionId, long taskId) {
    Requirements.checkJava();
    try {
      return new TaskWriter(columns, partitionId, taskId, files.forAttempt(partitionId, taskId));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

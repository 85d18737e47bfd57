package io.disky.spark.write;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * The files of a task that has succeeded, in the order in which it wrote them. The driver publishes
 * these and no others. A plain class with an array, so that both Java and Kryo can serialise it.
 */
final class WrittenFiles implements WriterCommitMessage {
  private static final long serialVersionUID = 1;

  private final int partitionId;
  private final long taskId;
  private final WrittenFile[] files;

  /**
   * @param partitionId the number of the task among the tasks of the query
   * @param taskId the number of this attempt, which no other attempt has
   */
  WrittenFiles(int partitionId, long taskId, List<WrittenFile> files) {
    this.partitionId = partitionId;
    this.taskId = taskId;
    this.files = files.toArray(new WrittenFile[0]);
  }

  int partitionId() {
    return partitionId;
  }

  long taskId() {
    return taskId;
  }

  List<WrittenFile> files() {
    return Collections.unmodifiableList(Arrays.asList(files));
  }

  @Override
  public String toString() {
    return "task " + taskId + " of partition " + partitionId + ": " + files();
  }
}

package io.disky.spark.write;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** Where one attempt of a task puts its files. It belongs to the thread of the task. */
interface TaskFiles {
  /**
   * Opens the next file of this attempt.
   *
   * @param partition the directories of the partition of its records
   * @param sequence the number of files that this attempt has opened before
   */
  ShardWriter open(String partition, int sequence) throws IOException;

  /** Completes a file; the driver can publish it then. */
  WrittenFile complete(ShardWriter file) throws IOException;

  /** Removes a file that this attempt has opened. Does nothing if it does not exist. */
  void remove(Path file) throws IOException;

  /** Ends this attempt without result, after all its files were removed. */
  void abort() throws IOException;

  /** Makes the {@link TaskFiles} of attempts; the driver sends it to the executors. */
  interface Factory extends java.io.Serializable {
    /**
     * Makes them for an attempt.
     *
     * @param partitionId the number of the task
     * @param taskId the number of the attempt, which no other attempt has
     */
    TaskFiles forAttempt(int partitionId, long taskId) throws IOException;
  }
}

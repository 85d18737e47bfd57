package io.disky.spark.write;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The hidden directory in which the tasks of a query write: {@code .disky-QUERY} in the directory
 * of the query. It exists as long as the query runs. An attempt of a task that outlives the query,
 * on an executor that the driver has given up or on one that learns of its end late, cannot leave a
 * file in it: it creates files only if the directory exists, and looks for the marker {@code
 * _running} after it has completed a file. The driver removes the marker before anything else, so
 * each file is removed either by the driver or by its task.
 */
final class StagingDirectory implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int REMOVALS = 20;

  private final String path;

  StagingDirectory(Path destination, String queryId) {
    this.path = new Path(destination, ".disky-" + queryId).toString();
  }

  Path path() {
    return new Path(path);
  }

  private Path marker() {
    return new Path(path(), "_running");
  }

  /** The file of an attempt of a task. No other attempt has this name. */
  Path file(int partitionId, long taskId, int sequence) {
    return new Path(path(), partitionId + "-" + taskId + "-" + sequence);
  }

  void create(FileSystem fileSystem) throws IOException {
    if (!fileSystem.mkdirs(path())) {
      throw new IOException(path + ": the staging directory cannot be created");
    }
    fileSystem.create(marker(), true).close();
  }

  /** Whether the query is running. */
  boolean isActive(FileSystem fileSystem) throws IOException {
    return fileSystem.exists(marker());
  }

  /** Removes the directory with everything in it. Does nothing if it does not exist. */
  void remove(FileSystem fileSystem) throws IOException {
    fileSystem.delete(marker(), false);
    IOException failure = null;
    // A task that is still running can create a file while the directory is being emptied.
    for (int i = 0; i < REMOVALS; i++) {
      try {
        fileSystem.delete(path(), true);
        if (!fileSystem.exists(path())) {
          return;
        }
      } catch (FileNotFoundException e) {
        return;
      } catch (IOException e) {
        failure = Failures.add(failure, e);
      }
    }
    throw new IOException(path + ": the staging directory cannot be removed", failure);
  }

  @Override
  public String toString() {
    return path;
  }
}

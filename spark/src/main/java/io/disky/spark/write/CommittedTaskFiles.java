package io.disky.spark.write;

import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.jspecify.annotations.Nullable;

/** Puts the files of an attempt where a committer of Hadoop wants them. */
final class CommittedTaskFiles implements TaskFiles {
  /** Makes them for the attempts of a query. */
  static final class Factory implements TaskFiles.Factory {
    private static final long serialVersionUID = 1;

    private final HadoopSettings settings;
    private final CommitterJob job;
    private final UniqueNames names;
    private final ShardOptions options;

    Factory(HadoopSettings settings, CommitterJob job, UniqueNames names, ShardOptions options) {
      this.settings = settings;
      this.job = job;
      this.names = names;
      this.options = options;
    }

    @Override
    public TaskFiles forAttempt(int partitionId, long taskId) {
      TaskAttemptContext attempt = job.attempt(job.inTask(settings), partitionId, taskId);
      return new CommittedTaskFiles(job, attempt, names, options, partitionId);
    }
  }

  private final CommitterJob job;
  private final TaskAttemptContext attempt;
  private final UniqueNames names;
  private final ShardOptions options;
  private final int partitionId;
  private @Nullable PathOutputCommitter committer;

  CommittedTaskFiles(
      CommitterJob job,
      TaskAttemptContext attempt,
      UniqueNames names,
      ShardOptions options,
      int partitionId) {
    this.job = job;
    this.attempt = attempt;
    this.names = names;
    this.options = options;
    this.partitionId = partitionId;
  }

  @Override
  public ShardWriter open(String partition, int sequence) throws IOException {
    Path directory = committer().getWorkPath();
    if (!partition.isEmpty()) {
      directory = new Path(directory, partition);
    }
    Path path = new Path(directory, names.name(partitionId, sequence));
    FileSystem fileSystem = path.getFileSystem(attempt.getConfiguration());
    FSDataOutputStream stream = fileSystem.create(path, false);
    return ShardWriter.toStream(path, partition, stream, options);
  }

  /** A task without rows needs no committer. */
  private PathOutputCommitter committer() throws IOException {
    if (committer == null) {
      PathOutputCommitter created = job.committer(attempt);
      created.setupTask(attempt);
      committer = created;
    }
    return committer;
  }

  /** The driver commits the attempt, after it has chosen it. */
  @Override
  public WrittenFile complete(ShardWriter file) throws IOException {
    return file.complete();
  }

  /** {@link #abort()} removes all files. */
  @Override
  public void remove(Path file) {}

  @Override
  public void abort() throws IOException {
    if (committer != null) {
      committer.abortTask(attempt);
    }
  }
}

package io.disky.spark.write;

import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobStatus;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.jspecify.annotations.Nullable;

/**
 * A committer of Hadoop publishes the files, as object stores need it. The driver commits one
 * attempt of each task, the one whose message it has; so two attempts of a task never meet.
 */
final class CommitterPublication implements Publication {
  private final Destination destination;
  private final CommitterJob job;
  private final Configuration configuration;
  private final PathOutputCommitter committer;
  private final TaskFiles.Factory taskFiles;
  private final PublishedFiles published;

  private CommitterPublication(
      Destination destination,
      CommitterJob job,
      Configuration configuration,
      PathOutputCommitter committer,
      TaskFiles.Factory taskFiles) {
    this.destination = destination;
    this.job = job;
    this.configuration = configuration;
    this.committer = committer;
    this.taskFiles = taskFiles;
    this.published = new PublishedFiles(destination.fileSystem());
  }

  /**
   * The publication by the committer that the configuration chooses for the destination; {@code
   * null} if it chooses the one that renames, which {@link RenamePublication} does better.
   *
   * @throws IOException if the committer keeps files on executors, where the driver cannot commit
   *     them
   */
  static @Nullable CommitterPublication of(
      Destination destination,
      String queryId,
      UniqueNames names,
      ShardOptions options,
      HadoopSettings settings)
      throws IOException {
    CommitterJob job = new CommitterJob(destination.path(), queryId);
    Configuration configuration = job.configuration(destination.configuration());
    PathOutputCommitter committer = job.committer(configuration);
    if (committer.getClass() == FileOutputCommitter.class) {
      return null;
    }
    if (committer.getClass().getName().contains(".commit.staging.")) {
      throw new IOException(
          destination
              + ": the committer "
              + committer.getClass().getSimpleName()
              + " keeps files on the disks of executors; set fs.s3a.committer.name to magic");
    }
    TaskFiles.Factory taskFiles = new CommittedTaskFiles.Factory(settings, job, names, options);
    return new CommitterPublication(destination, job, configuration, committer, taskFiles);
  }

  @Override
  public void begin() throws IOException {
    destination.create();
    committer.setupJob(job.context(configuration));
  }

  @Override
  public TaskFiles.Factory taskFiles() {
    return taskFiles;
  }

  @Override
  public void publish(List<WrittenFiles> tasks) throws IOException {
    for (WrittenFiles task : tasks) {
      for (WrittenFile file : task.files()) {
        Path directory = destination.partition(file.partition());
        published.add(new Path(directory, file.name()));
      }
    }
    List<WrittenFiles> withFiles = tasks.stream().filter(task -> !task.files().isEmpty()).toList();
    DriverThreads.forEach(withFiles, this::commitTask);
    committer.commitJob(job.context(configuration));
  }

  private void commitTask(WrittenFiles task) throws IOException {
    TaskAttemptContext attempt = job.attempt(configuration, task.partitionId(), task.taskId());
    PathOutputCommitter ofTask = job.committer(attempt);
    if (!ofTask.needsTaskCommit(attempt)) {
      throw new IOException(task + ": the files of this task do not exist any more");
    }
    ofTask.commitTask(attempt);
  }

  /** The committer has done that. */
  @Override
  public void markSuccess() {}

  @Override
  public void rollBack() throws IOException {
    IOException failure = null;
    try {
      committer.abortJob(job.context(configuration), JobStatus.State.FAILED);
    } catch (IOException e) {
      failure = e;
    }
    failure = published.remove(failure);
    try {
      destination.removeCreated();
    } catch (IOException e) {
      failure = Failures.add(failure, e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** The committer has done that. */
  @Override
  public void cleanUp() {}
}

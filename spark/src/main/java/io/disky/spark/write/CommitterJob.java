package io.disky.spark.write;

import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapred.JobConf;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitterFactory;
import org.apache.hadoop.mapreduce.task.JobContextImpl;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;

/**
 * A query in the terms of Hadoop's output committers: the query is a job, each attempt of a task an
 * attempt of a task. The same on the driver and on executors.
 */
final class CommitterJob implements Serializable {
  private static final long serialVersionUID = 1;

  private final String destination;
  private final String queryId;

  CommitterJob(Path destination, String queryId) {
    this.destination = destination.toString();
    this.queryId = queryId;
  }

  private JobID id() {
    // A job's identifier must not contain the underscore that separates its parts.
    return new JobID(queryId.replace("_", ""), 0);
  }

  /** The configuration of the job. */
  Configuration configuration(Configuration configuration) {
    // This class also loads Hadoop's defaults, which state the committers of object stores.
    JobConf job = new JobConf(configuration);
    job.set("spark.sql.sources.writeJobUUID", queryId);
    job.set("fs.s3a.committer.uuid", queryId);
    // The other algorithm publishes the files of an attempt before the query has succeeded.
    job.setInt("mapreduce.fileoutputcommitter.algorithm.version", 1);
    job.set("mapreduce.output.fileoutputformat.outputdir", destination);
    return job;
  }

  JobContext context(Configuration configuration) {
    return new JobContextImpl(configuration, id());
  }

  /** The committer of the job, as the configuration chooses it. */
  PathOutputCommitter committer(Configuration configuration) throws IOException {
    return committer(attempt(configuration, 0, 0));
  }

  PathOutputCommitter committer(TaskAttemptContext attempt) throws IOException {
    return PathOutputCommitterFactory.createCommitter(new Path(destination), attempt);
  }

  /** The context of an attempt of a task. */
  TaskAttemptContext attempt(Configuration configuration, int partitionId, long taskId) {
    int attempt = (int) (taskId & Integer.MAX_VALUE);
    TaskAttemptID id =
        new TaskAttemptID(
            new org.apache.hadoop.mapreduce.TaskID(id(), TaskType.MAP, partitionId), attempt);
    return new TaskAttemptContextImpl(configuration, id);
  }

  /** The configuration of the job in a task. */
  Configuration inTask(HadoopSettings settings) {
    return configuration(settings.inTask());
  }
}

package io.disky.spark.write;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitterFactory;

/** Hadoop's committer of files, as one of those that object stores have; it can fail. */
final class TestCommitter extends FileOutputCommitter {
  /** Makes it; a setting of Hadoop names this class. */
  public static final class Factory extends PathOutputCommitterFactory {
    @Override
    public PathOutputCommitter createOutputCommitter(Path path, TaskAttemptContext attempt)
        throws IOException {
      return new TestCommitter(path, attempt);
    }
  }

  /** The calls so far, by the names of the methods. */
  static final Queue<String> CALLS = new ConcurrentLinkedQueue<>();

  private static volatile String failing = "";

  private TestCommitter(Path path, TaskAttemptContext attempt) throws IOException {
    super(path, attempt);
  }

  /** Forgets the calls, and makes the method with this name fail, if there is one. */
  static void reset(String failingMethod) {
    CALLS.clear();
    failing = failingMethod;
  }

  private static void called(String method) throws IOException {
    CALLS.add(method);
    if (failing.equals(method)) {
      throw new IOException(method + " fails");
    }
  }

  @Override
  public void setupJob(JobContext job) throws IOException {
    called("setupJob");
    super.setupJob(job);
  }

  @Override
  public void setupTask(TaskAttemptContext attempt) throws IOException {
    called("setupTask");
    super.setupTask(attempt);
  }

  @Override
  public void commitTask(TaskAttemptContext attempt) throws IOException {
    called("commitTask");
    super.commitTask(attempt);
  }

  @Override
  public void abortTask(TaskAttemptContext attempt) throws IOException {
    called("abortTask");
    super.abortTask(attempt);
  }

  @Override
  public void commitJob(JobContext job) throws IOException {
    called("commitJob");
    super.commitJob(job);
    called("afterCommitJob");
  }

  @Override
  public void abortJob(JobContext job, org.apache.hadoop.mapreduce.JobStatus.State state)
      throws IOException {
    called("abortJob");
    super.abortJob(job, state);
  }
}

package io.disky.spark.write;

import io.disky.spark.files.HadoopSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the rows of a query, on the driver: before the tasks, and after them. */
final class WriteJob implements BatchWrite {
  private static final Logger LOG = LoggerFactory.getLogger(WriteJob.class);

  private final WritePlan plan;
  private @Nullable Publication publication;
  private @Nullable PresentFiles replaced;
  private boolean isFinal;

  WriteJob(WritePlan plan) {
    this.plan = plan;
  }

  /**
   * Any number of attempts of a task may succeed, because the driver chooses one. Spark's
   * coordinator would count each attempt that it denies as a failure.
   */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    try {
      return new TaskWriterFactory(plan.columns(), begin().taskFiles());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Spark does not abort a query that fails here. */
  private Publication begin() throws IOException {
    SparkSession session = SparkSession.active();
    Configuration configuration = HadoopSettings.onDriver(session, plan.options());
    Destination destination = new Destination(plan.path(), configuration);
    if (plan.shards().failIfExists()) {
      PresentFiles.in(destination).checkNone();
    }
    if (plan.isOverwrite()) {
      replaced = PresentFiles.in(destination);
    }
    Publication begun = publication(destination, HadoopSettings.share(session, configuration));
    publication = begun;
    try {
      begun.begin();
    } catch (Throwable e) {
      rollBackAfter(begun, e);
      throw e;
    }
    return begun;
  }

  private Publication publication(Destination destination, HadoopSettings settings)
      throws IOException {
    ShardOptions shards = plan.shards();
    UniqueNames names =
        new UniqueNames(shards.prefix(), plan.queryId(), System.currentTimeMillis());
    Publication committer =
        CommitterPublication.of(destination, plan.queryId(), names, shards, settings);
    return committer != null
        ? committer
        : new RenamePublication(destination, plan.queryId(), names, shards, settings);
  }

  private static void rollBackAfter(Publication begun, Throwable failure) {
    try {
      begun.rollBack();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void commit(WriterCommitMessage[] messages) {
    try {
      commit(written(messages));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private static List<WrittenFiles> written(WriterCommitMessage[] messages) {
    List<WrittenFiles> tasks = new ArrayList<>();
    for (WriterCommitMessage message : messages) {
      tasks.add((WrittenFiles) message);
    }
    return tasks;
  }

  private void commit(List<WrittenFiles> tasks) throws IOException {
    Publication begun = begun();
    begun.publish(tasks);
    if (replaced != null) {
      // From here on the new files are the only ones with all records.
      isFinal = true;
      replaced.remove();
    }
    begun.markSuccess();
    isFinal = true;
    cleanUp(begun);
  }

  private Publication begun() {
    if (publication == null) {
      throw new IllegalStateException("the query has not begun");
    }
    return publication;
  }

  /** The query has succeeded, whatever happens here. */
  private void cleanUp(Publication begun) {
    try {
      begun.cleanUp();
    } catch (IOException e) {
      LOG.warn("{}: temporary files are left, which readers ignore", plan.path(), e);
    }
  }

  /** Also called if {@link #commit} has thrown. */
  @Override
  public void abort(WriterCommitMessage[] messages) {
    if (publication == null) {
      return;
    }
    if (isFinal) {
      cleanUp(publication);
      return;
    }
    try {
      publication.rollBack();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return plan.toString();
  }
}

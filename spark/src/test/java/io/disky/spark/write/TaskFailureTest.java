package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that fail, and queries that are cancelled: no record twice, none lost, no file left. */
@ExtendWith(NoOpenObjects.class)
class TaskFailureTest {
  private static CountDownLatch running = new CountDownLatch(0);

  @TempDir Path directory;

  private void write(Dataset<Row> frame) {
    frame
        .write()
        .format("disky")
        .option("chunkSize", "1k")
        .option("maxShardSize", "2k")
        .mode("append")
        .save(directory.toString());
  }

  /** The records of which each passes through a function, in two tasks. */
  private static Dataset<Row> through(UDF1<Long, Boolean> function) {
    SparkSession session = SharedSpark.session();
    session.udf().register("passes", function, DataTypes.BooleanType);
    return Frames.withIds(0, 1000, 2).where("passes(id)").drop("id");
  }

  private static boolean failBefore(long id, int attempt) {
    if (id == 900 && TaskContext.get().attemptNumber() < attempt) {
      throw new IllegalStateException("attempt " + TaskContext.get().attemptNumber());
    }
    return true;
  }

  @Test
  void aTaskThatFailsThreeOfFourTimes() throws IOException {
    write(through(id -> failBefore(id, SharedSpark.ATTEMPTS - 1)));
    Frames.assertRecords(directory, 0, 1000);
    List<Path> files = Frames.recordFiles(directory);
    assertThat(files).hasSizeGreaterThan(4);
    assertThat(directory.resolve("shard_" + (files.size() - 1))).exists();
    assertThat(Frames.everything(directory)).hasSize(files.size() + 1).contains("_SUCCESS");
  }

  @Test
  void aTaskThatAlwaysFails() throws IOException {
    assertThatThrownBy(() -> write(through(id -> failBefore(id, SharedSpark.ATTEMPTS))))
        .hasStackTraceContaining("attempt 3");
    assertThat(Frames.everything(directory)).isEmpty();
  }

  @Test
  void aFailedQueryChangesNothing() throws IOException {
    write(Frames.records(0, 100, 1));
    List<String> before = Frames.everything(directory);
    Dataset<Row> failing = through(id -> failBefore(id, SharedSpark.ATTEMPTS));
    assertThatThrownBy(() -> write(failing)).hasStackTraceContaining("attempt 3");
    assertThatThrownBy(
            () -> failing.write().format("disky").mode("overwrite").save(directory.toString()))
        .hasStackTraceContaining("attempt 3");
    assertThat(Frames.everything(directory)).isEqualTo(before);
    Frames.assertRecords(directory, 0, 100);
  }

  @Test
  void aDirectoryThatTheQueryHasCreatedIsRemoved() {
    Path created = directory.resolve("new");
    Dataset<Row> failing = through(id -> failBefore(id, SharedSpark.ATTEMPTS));
    assertThatThrownBy(
            () -> failing.write().format("disky").mode("append").save(created.toString()))
        .hasStackTraceContaining("attempt 3");
    assertThat(created).doesNotExist();
  }

  private static boolean stopAt(long id) throws InterruptedException {
    if (id % 500 == 400) {
      running.countDown();
      Thread.sleep(100_000);
    }
    return true;
  }

  @Test
  void aQueryThatIsCancelled() throws Exception {
    running = new CountDownLatch(2);
    SparkSession session = SharedSpark.session();
    Dataset<Row> frame = through(TaskFailureTest::stopAt);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<?> query =
          thread.submit(() -> {
            session.sparkContext().setJobGroup("cancelled", "to be cancelled", true);
            write(frame);
          });
      running.await();
      session.sparkContext().cancelJobGroup("cancelled");
      assertThatThrownBy(query::get).hasStackTraceContaining("cancelled");
    }
    assertThat(Frames.everything(directory)).isEmpty();
  }
}

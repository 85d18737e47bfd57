package io.disky.spark.programs;

import io.disky.spark.testing.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * Writes and reads on a cluster of processes: with all going well, with two attempts of each task,
 * and with executors that die. Ends with an exception if a record is lost or twice, or a file is
 * left.
 */
public final class ClusterProgram {
  private static final long RECORDS = 1_000_000;

  private final SparkSession session;
  private final Path root;

  private ClusterProgram(SparkSession session, Path root) {
    this.session = session;
    this.root = root;
  }

  /** What happened to tasks and executors. */
  private static final class Events extends SparkListener {
    private final AtomicInteger speculative = new AtomicInteger();
    private final AtomicInteger unsuccessful = new AtomicInteger();
    private final AtomicInteger lostExecutors = new AtomicInteger();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.taskInfo().speculative()) {
        speculative.incrementAndGet();
      }
      if (!end.taskInfo().successful()) {
        unsuccessful.incrementAndGet();
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      lostExecutors.incrementAndGet();
    }
  }

  /** Runs all; the first argument is an empty directory. */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      ClusterProgram program = new ClusterProgram(session, root);
      program.roundTrip();
      program.duplicates();
      program.killedExecutors();
      program.failures();
    }
  }

  private void roundTrip() throws IOException {
    Path directory = root.resolve("round-trip");
    Dataset<Row> frame = Frames.records(0, RECORDS, 4);
    write(frame, directory);
    Frames.assertRecords(directory, 0, RECORDS);
    Dataset<Row> back = session.read().format("disky").load(directory.toString());
    check(checksum(back).equals(checksum(frame)), "the records that Spark reads");
    check(back.count() == RECORDS, "the count");
    System.out.println("round trip: " + RECORDS + " records");
  }

  /** The number of records, and a sum that depends on each byte of each. */
  private static String checksum(Dataset<Row> frame) {
    return frame
        .selectExpr("count(record)", "sum(CAST(xxhash64(record) AS DECIMAL(38, 0)))")
        .first()
        .toString();
  }

  /**
   * Each first attempt is slow from somewhere on, so Spark starts a second one; both end at about
   * the same time.
   */
  private void duplicates() throws IOException {
    Path directory = root.resolve("duplicates");
    int tasks = 12;
    Events events = new Events();
    session.sparkContext().addSparkListener(events);
    Dataset<Row> frame = through(ClusterProgram::slowIfFirst, 1200, tasks);
    for (int i = 0; i < 3; i++) {
      write(frame, directory.resolve("" + i));
      assertOnly(directory.resolve("" + i), 1200);
    }
    session.sparkContext().removeSparkListener(events);
    check(events.speculative.get() > 0, "no task had a second attempt");
    System.out.println("duplicates: " + events.speculative + " second attempts");
  }

  private static boolean slowIfFirst(long id) throws InterruptedException {
    if (id % 100 == 30 + id / 100 && TaskContext.get().attemptNumber() == 0) {
      Thread.sleep(400 + id / 3);
    }
    return true;
  }

  private void killedExecutors() throws IOException {
    Path directory = root.resolve("killed");
    Events events = new Events();
    session.sparkContext().addSparkListener(events);
    write(through(ClusterProgram::dieIfFirst, 600, 6), directory);
    assertOnly(directory, 600);
    session.sparkContext().removeSparkListener(events);
    check(events.lostExecutors.get() > 0, "no executor was lost");
    System.out.println("killed: " + events.lostExecutors + " executors lost");
  }

  private static boolean dieIfFirst(long id) {
    if (id == 250 && TaskContext.get().attemptNumber() == 0) {
      Runtime.getRuntime().halt(1);
    }
    return true;
  }

  private void failures() throws IOException {
    Path directory = root.resolve("failures");
    Events events = new Events();
    session.sparkContext().addSparkListener(events);
    write(through(id -> failBefore(id, 3), 600, 6), directory);
    assertOnly(directory, 600);
    boolean failed = false;
    try {
      write(through(id -> failBefore(id, 4), 600, 6), root.resolve("always"));
    } catch (Exception e) {
      failed = true;
    }
    session.sparkContext().removeSparkListener(events);
    check(failed, "a task that always fails did not fail the query");
    check(Files.notExists(root.resolve("always")), "a failed query left files");
    check(events.unsuccessful.get() >= 7, "tasks that failed: " + events.unsuccessful);
    System.out.println("failures: " + events.unsuccessful + " attempts failed");
  }

  private static boolean failBefore(long id, int attempt) {
    if (id == 350 && TaskContext.get().attemptNumber() < attempt) {
      throw new IllegalStateException("attempt " + TaskContext.get().attemptNumber());
    }
    return true;
  }

  /** Records each of which passes through a function. */
  private Dataset<Row> through(UDF1<Long, Boolean> function, long records, int tasks) {
    session.udf().register("passes", function, DataTypes.BooleanType);
    return Frames.withIds(0, records, tasks).where("passes(id)").drop("id");
  }

  private static void write(Dataset<Row> frame, Path directory) {
    frame
        .write()
        .format("disky")
        .option("chunkSize", "1k")
        .option("maxShardSize", "1m")
        .mode("append")
        .save(directory.toString());
  }

  private static void assertOnly(Path directory, long records) throws IOException {
    Frames.assertRecords(directory, 0, records);
    List<String> files = Frames.everything(directory);
    for (String file : files) {
      check(file.matches("shard_[0-9]+|_SUCCESS"), "a file is left: " + file);
    }
    check(files.contains("shard_" + (files.size() - 2)), "numbers have gaps: " + files);
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }
}

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

  /**
   * Runs the parts that the arguments after the first name: {@code round-trip}, {@code failures},
   * {@code killed} and {@code duplicates}. The first argument is an empty directory.
   */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      ClusterProgram program = new ClusterProgram(session, root);
      for (int i = 1; i < arguments.length; i++) {
        program.run(arguments[i]);
      }
    }
  }

  private void run(String part) throws IOException {
    switch (part) {
      case "round-trip" -> roundTrip();
      case "failures" -> failures();
      case "killed" -> killedExecutors();
      case "duplicates" -> duplicates();
      default -> throw new IllegalArgumentException(part);
    }
  }

  private void roundTrip() throws IOException {
    Path directory = root.resolve("round-trip");
    Dataset<Row> frame = Frames.records(0, RECORDS, 4);
    frame.write().format("disky").mode("append").save(directory.toString());
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
   * The first attempt of a task waits until Spark has started a second one; then both go on and end
   * at about the same time. Spark starts it on another host only, so the executors need the names
   * of different hosts.
   */
  private void duplicates() throws IOException {
    Events events = new Events();
    session.sparkContext().addSparkListener(events);
    int runs = 3;
    for (int run = 0; run < runs; run++) {
      Path directory = root.resolve("duplicates-" + run);
      String second = root.resolve("second-attempt-" + run).toString();
      long head = run - 1L;
      write(through(id -> waitForSecond(id, second, 20 * head), 600, 6), directory);
      assertOnly(directory, 600);
      check(Files.exists(Path.of(second)), "no task had a second attempt");
    }
    session.sparkContext().removeSparkListener(events);
    System.out.println("duplicates: " + events.speculative + " second attempts");
  }

  /** {@code head} is by how many milliseconds the first attempt is before the second one. */
  private static boolean waitForSecond(long id, String second, long head)
      throws IOException, InterruptedException {
    if (id != 230) {
      return true;
    }
    Path file = Path.of(second);
    boolean isFirst = TaskContext.get().attemptNumber() == 0;
    while (isFirst && Files.notExists(file)) {
      Thread.sleep(1);
    }
    if (!isFirst && Files.notExists(file)) {
      Files.createFile(file);
    }
    Thread.sleep(Math.max(isFirst ? -head : head, 0));
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
        .option("maxShardSize", "2k")
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

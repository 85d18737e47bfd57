package io.disky.spark.programs;

import io.disky.spark.testing.Frames;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Writes and reads, and returns without stopping Spark. The JVM must end by itself. The argument is
 * an empty directory.
 */
public final class LocalProgram {
  private LocalProgram() {}

  /** Runs it. */
  public static void main(String[] arguments) throws IOException {
    roundTrip(Path.of(arguments[0]));
  }

  static void roundTrip(Path directory) throws IOException {
    Frames.records(0, 10_000, 2).write().format("disky").mode("append").save(directory.toString());
    Frames.assertRecords(directory, 0, 10_000);
    // The limit leaves readers that have not reached the end of their files.
    SparkSession session = SparkSession.active();
    long some = session.read().format("disky").load(directory.toString()).limit(7).count();
    long all = session.read().format("disky").load(directory.toString()).count();
    if (some != 7 || all != 10_000) {
      throw new AssertionError(some + " and " + all + " records");
    }
    System.out.println("local round trip: " + all + " records");
  }
}

package io.disky.spark.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Data frames of numbered records, and what of them is in the files of a directory. Programs
 * without the libraries of tests use it, too.
 */
public final class Frames {
  private static final String RECORD =
      "CAST(concat(id, ':', hex(id * 7919), repeat('x', CAST(id % 40 AS INT))) AS BINARY) AS record";

  private Frames() {}

  /** The records {@code begin} to {@code end}, in {@code tasks} partitions. */
  public static Dataset<Row> records(long begin, long end, int tasks) {
    return SharedSpark.session().range(begin, end, 1, tasks).selectExpr(RECORD);
  }

  /** The same with the column {@code id}. */
  public static Dataset<Row> withIds(long begin, long end, int tasks) {
    return SharedSpark.session().range(begin, end, 1, tasks).selectExpr("id", RECORD);
  }

  /** The record with a number. */
  public static String record(long id) {
    return id
        + ":"
        + Long.toHexString(id * 7919).toUpperCase(java.util.Locale.ROOT)
        + "x".repeat((int) (id % 40));
  }

  /**
   * Checks that the record files under {@code directory} have these records, each once.
   *
   * @throws AssertionError if they do not
   */
  public static void assertRecords(Path directory, long begin, long end) throws IOException {
    BitSet found = new BitSet();
    for (Path file : recordFiles(directory)) {
      try (RecordReader reader = RecordReader.open(file)) {
        for (MemorySegment record : reader) {
          String text = new String(record.toArray(ValueLayout.JAVA_BYTE), UTF_8);
          long id = Long.parseLong(text.substring(0, text.indexOf(':')));
          check(text.equals(record(id)), "not a record: " + text);
          check(id >= begin && id < end, "a record of another frame: " + id);
          check(!found.get((int) (id - begin)), "a record is twice: " + id);
          found.set((int) (id - begin));
        }
      }
    }
    check(
        found.cardinality() == end - begin,
        found.cardinality() + " of " + (end - begin) + " records");
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  /** The files under {@code directory} that are not hidden. */
  public static List<Path> recordFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().matches("[._].*"))
          .sorted()
          .toList();
    }
  }

  /** Everything under {@code directory}, with {@code /} after the names of directories. */
  public static List<String> everything(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> !file.equals(directory))
          .map(file -> directory.relativize(file) + (Files.isDirectory(file) ? "/" : ""))
          .sorted()
          .toList();
    }
  }
}

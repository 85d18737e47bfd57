package io.disky.spark.write;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.spark.testing.SharedSpark;
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

/** Data frames of numbered records, and what of them is in the files of a directory. */
final class Frames {
  private static final String RECORD =
      "CAST(concat(id, ':', hex(id * 7919), repeat('x', CAST(id % 40 AS INT))) AS BINARY) AS record";

  private Frames() {}

  /** The records {@code begin} to {@code end}, in {@code tasks} partitions. */
  static Dataset<Row> records(long begin, long end, int tasks) {
    return SharedSpark.session().range(begin, end, 1, tasks).selectExpr(RECORD);
  }

  /** The same with the column {@code id}. */
  static Dataset<Row> withIds(long begin, long end, int tasks) {
    return SharedSpark.session().range(begin, end, 1, tasks).selectExpr("id", RECORD);
  }

  /** The record with a number. */
  static String record(long id) {
    return id
        + ":"
        + Long.toHexString(id * 7919).toUpperCase(java.util.Locale.ROOT)
        + "x".repeat((int) (id % 40));
  }

  /** Checks that the record files under {@code directory} have these records, each once. */
  static void assertRecords(Path directory, long begin, long end) throws IOException {
    BitSet found = new BitSet();
    for (Path file : recordFiles(directory)) {
      try (RecordReader reader = RecordReader.open(file)) {
        for (MemorySegment record : reader) {
          String text = new String(record.toArray(ValueLayout.JAVA_BYTE), UTF_8);
          long id = Long.parseLong(text.substring(0, text.indexOf(':')));
          assertThat(text).isEqualTo(record(id));
          assertThat(id).isBetween(begin, end - 1);
          assertThat(found.get((int) (id - begin))).as("record %d is twice", id).isFalse();
          found.set((int) (id - begin));
        }
      }
    }
    assertThat(found.cardinality()).isEqualTo((int) (end - begin));
  }

  /** The files under {@code directory} that are not hidden. */
  static List<Path> recordFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().matches("[._].*"))
          .sorted()
          .toList();
    }
  }

  /** Everything under {@code directory}, with {@code /} after the names of directories. */
  static List<String> everything(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> !file.equals(directory))
          .map(file -> directory.relativize(file) + (Files.isDirectory(file) ? "/" : ""))
          .sorted()
          .toList();
    }
  }
}

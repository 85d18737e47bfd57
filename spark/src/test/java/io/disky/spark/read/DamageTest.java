package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.CorruptFileException;
import io.disky.RecordReader;
import io.disky.spark.testing.CountingFileSystem;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.ScanMetrics;
import io.disky.spark.testing.SharedSpark;
import io.disky.testing.LogCapture;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files, and files that vanish. */
@ExtendWith(NoOpenObjects.class)
class DamageTest {
  private static final Map<String, String> RECOVER = Map.of("corruptionStrategy", "recover");

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();
  private Path file;
  private List<String> intact;

  /** Damages the data of the third of five chunks. */
  @BeforeEach
  void setUp() throws IOException {
    file = RecordFiles.write(directory.resolve("f"), 500, 100);
    List<Long> begins = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.visitBatches(batch -> begins.add(batch.chunkBegin()));
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) (begins.get(2) + 200)] ^= 1;
    Files.write(file, bytes);
    intact =
        IntStream.range(0, 500)
            .filter(i -> i / 100 != 2)
            .mapToObj(i -> RecordFiles.record(file, i))
            .sorted()
            .toList();
  }

  private Dataset<Row> read(Map<String, String> options) {
    return spark
        .read()
        .format("disky")
        .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
        .options(options)
        .load(directory.toString());
  }

  @Test
  void isAnErrorThatNamesTheFile() {
    assertThatThrownBy(() -> read(Map.of()).collect())
        .rootCause()
        .isInstanceOf(CorruptFileException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void isAnErrorThatNamesTheFileOfAnotherFileSystem() {
    String path = CountingFileSystem.path(file);

    assertThatThrownBy(() ->
            spark
                .read()
                .format("disky")
                .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
                .load(path)
                .collect())
        .hasStackTraceContaining(path)
        .rootCause()
        .isInstanceOf(CorruptFileException.class);
    assertThat(CountingFileSystem.open()).isZero();
  }

  @Test
  void isSkippedLoggedAndCounted() {
    try (LogCapture log = new LogCapture()) {
      ScanMetrics.Result result = ScanMetrics.run(read(RECOVER).selectExpr("string(record)"));

      assertThat(result.rows().stream().map(row -> row.getString(0)).sorted().toList())
          .isEqualTo(intact);
      assertThat(result.metrics())
          .containsEntry("skippedRegions", 1L)
          .containsEntry("recordsRead", 400L);
      assertThat(result.metrics().get("skippedBytes")).isBetween(500L, 5000L);
      assertThat(log.messages("skipped bytes")).hasSize(1).first().asString().contains("/f");
    }
  }

  @Test
  void isSkippedWithSparksOption() {
    assertThat(RecordFiles.sorted(read(Map.of("ignoreCorruptFiles", "true")))).isEqualTo(intact);
  }

  @Test
  void isSkippedWithSparksSetting() {
    spark.conf().set("spark.sql.files.ignoreCorruptFiles", true);
    try {
      assertThat(RecordFiles.sorted(read(Map.of()))).isEqualTo(intact);
      assertThatThrownBy(() -> read(Map.of("ignoreCorruptFiles", "false")).collect()).isNotNull();
    } finally {
      spark.conf().unset("spark.sql.files.ignoreCorruptFiles");
    }
  }

  @Test
  void countsAreThoseOfTheRecordsThatAreRead() {
    assertThat(read(RECOVER).count()).isEqualTo(400);
    assertThat(read(RECOVER).groupBy("_metadata.file_name").count().first().getLong(1))
        .isEqualTo(400);
  }

  @Test
  void numbersAfterDamageAreNotKnown() {
    List<Row> rows =
        read(RECOVER)
            .selectExpr("count(_metadata.record_number)", "max(_metadata.record_number)")
            .collectAsList();

    assertThat(rows.getFirst().getLong(0)).isEqualTo(200);
    assertThat(rows.getFirst().getLong(1)).isEqualTo(199);
  }

  @Test
  void filesThatAreNoRecordFiles() throws IOException {
    Files.writeString(directory.resolve("text"), "no records here");

    assertThatThrownBy(() -> read(Map.of()).count()).hasStackTraceContaining("/text");
    assertThat(RecordFiles.sorted(read(RECOVER))).isEqualTo(intact);
  }

  @Test
  void filesThatVanish() throws IOException {
    Files.delete(file);
    for (int i = 0; i < 4; i++) {
      RecordFiles.write(directory.resolve("g" + i), 10, 10);
    }
    for (boolean ignored : new boolean[] {false, true}) {
      JavaRDD<Row> rows = read(Map.of("ignoreMissingFiles", "" + ignored)).javaRDD();
      assertThat(rows.getNumPartitions()).isPositive(); // Lists the files.
      Files.delete(directory.resolve("g" + (ignored ? 1 : 0)));

      if (ignored) {
        assertThat(rows.count()).isEqualTo(20);
      } else {
        assertThatThrownBy(rows::count).hasStackTraceContaining("g0");
      }
    }
  }

  @Test
  void filesThatVanishFromAnotherFileSystem() throws IOException {
    Path other = RecordFiles.write(directory.resolve("g"), 10, 10);
    Files.delete(file);
    String path = CountingFileSystem.path(directory);
    JavaRDD<Row> rows =
        spark
            .read()
            .format("disky")
            .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
            .option("ignoreMissingFiles", true)
            .load(path)
            .javaRDD();
    assertThat(rows.getNumPartitions()).isPositive();
    Files.delete(other);

    assertThat(rows.count()).isZero();
  }

  @Test
  void pathsThatDoNotExist() {
    String missing = directory.resolve("missing").toString();

    assertThatThrownBy(() -> spark.read().format("disky").load(missing).count())
        .rootCause()
        .isInstanceOf(FileNotFoundException.class);
    assertThat(
            spark.read().format("disky").option("ignoreMissingFiles", true).load(missing).count())
        .isZero();
  }
}

package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.WriterOptions;
import io.disky.spark.testing.CountingFileSystem;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Estimates are about decoded records. */
@ExtendWith(NoOpenObjects.class)
class StatisticsTest {
  private static final int RECORDS = 100_000;

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();

  private Dataset<Row> read() {
    return spark
        .read()
        .format("disky")
        .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
        .load(CountingFileSystem.path(directory));
  }

  private static Statistics statistics(Dataset<Row> frame) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) frame)
        .queryExecution()
        .optimizedPlan()
        .stats();
  }

  @Test
  void ofCompressedRecords() throws IOException {
    Path file = RecordFiles.write(directory.resolve("f"), WriterOptions.defaults(), RECORDS, 5000);
    long recordBytes = RecordFiles.records(file).stream().mapToLong(String::length).sum();
    assertThat(Files.size(file)).isLessThan(recordBytes / 2);

    Statistics all = statistics(read());
    assertThat(all.rowCount().get().longValue()).isBetween(RECORDS / 2L, RECORDS * 2L);
    assertThat(all.sizeInBytes().longValue())
        .isBetween((recordBytes + 8L * RECORDS) / 2, (recordBytes + 8L * RECORDS) * 2);

    CountingFileSystem.reset();
    Statistics pruned = statistics(read().select("_metadata.record_index"));
    assertThat(pruned.sizeInBytes().longValue()).isBetween(8L * RECORDS, 32L * RECORDS);
    assertThat(CountingFileSystem.bytes()).isLessThan(5000);
  }

  @Test
  void ofFilesThatCannotBeRead() throws IOException {
    Files.writeString(directory.resolve("f"), "no record file".repeat(100));

    assertThat(statistics(read()).sizeInBytes().longValue()).isEqualTo(1400);
  }
}

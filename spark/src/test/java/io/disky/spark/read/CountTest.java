package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.spark.testing.CountingFileSystem;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.ScanMetrics;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Counts read headers only, limits open few files, and columns that are not needed are not read.
 */
@ExtendWith(NoOpenObjects.class)
class CountTest {
  private static final int SHARDS = 1000;
  private static final int RECORDS_OF_SHARD = 100;

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();

  /** Shards of two chunks with 50 KB each. */
  private long writeShards(int shards) throws IOException {
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    byte[] record = new byte[1000];
    long bytes = 0;
    for (int shard = 0; shard < shards; shard++) {
      Path file = directory.resolve("shard_" + shard);
      try (RecordWriter writer = RecordWriter.open(file, options)) {
        for (int i = 0; i < RECORDS_OF_SHARD; i++) {
          writer.write(record);
          if (i == RECORDS_OF_SHARD / 2) {
            writer.flush();
          }
        }
      }
      bytes += Files.size(file);
    }
    return bytes;
  }

  private Dataset<Row> counted() {
    CountingFileSystem.reset();
    return spark
        .read()
        .format("disky")
        .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
        .load(CountingFileSystem.path(directory));
  }

  @Test
  void countsReadHeadersOnly() throws IOException {
    long bytes = writeShards(SHARDS);

    ScanMetrics.Result result = ScanMetrics.run(counted().groupBy().count());

    assertThat(result.rows().getFirst().getLong(0)).isEqualTo(SHARDS * RECORDS_OF_SHARD);
    assertThat(CountingFileSystem.bytes()).isPositive().isLessThanOrEqualTo(bytes / 50);
    assertThat(CountingFileSystem.opened()).isEqualTo(SHARDS);
    assertThat(result.metrics())
        .containsEntry("decodedBytes", 0L)
        .containsEntry("recordsRead", (long) SHARDS * RECORDS_OF_SHARD)
        .containsEntry("fileBytesRead", CountingFileSystem.bytes());
  }

  @Test
  void queriesWithoutRecordsReadHeadersOnly() throws IOException {
    long bytes = writeShards(20);

    ScanMetrics.Result result =
        ScanMetrics.run(counted().groupBy("_metadata.file_name").count().orderBy("file_name"));

    assertThat(result.rows()).hasSize(20).allMatch(row -> row.getLong(1) == RECORDS_OF_SHARD);
    assertThat(CountingFileSystem.bytes()).isLessThanOrEqualTo(bytes / 50);
    assertThat(result.metrics()).containsEntry("decodedBytes", 0L);
  }

  @Test
  void countsOfNothingAreZero() throws IOException {
    Files.createDirectory(directory.resolve("nothing"));

    Dataset<Row> frame = spark.read().format("disky").load(directory.resolve("nothing").toString());

    assertThat(frame.count()).isZero();
    assertThat(frame.groupBy("_metadata.file_name").count().count()).isZero();
  }

  @Test
  void countsWithFiltersOfRecordsDecode() throws IOException {
    writeShards(3);

    assertThat(counted().filter("length(record) > 999").count()).isEqualTo(3L * RECORDS_OF_SHARD);
    assertThat(counted().filter("length(record) > 1000").count()).isZero();
  }

  @Test
  void severalCountsInOneQuery() throws IOException {
    RecordFiles.write(directory.resolve("f"), 500, 100);

    Row row =
        spark
            .read()
            .format("disky")
            .load(directory.toString())
            .selectExpr("count(*)", "count(1) + 1", "count(record)")
            .first();

    assertThat(List.of(row.getLong(0), row.getLong(1), row.getLong(2)))
        .containsExactly(500L, 501L, 500L);
  }

  @Test
  void limitsOpenOneFileOfATask() throws Exception {
    writeShards(200);
    Set<Long> tasks = ConcurrentHashMap.newKeySet();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskStart(SparkListenerTaskStart start) {
            tasks.add(start.taskInfo().taskId());
          }
        };
    spark.sparkContext().addSparkListener(listener);
    try {
      Dataset<Row> frame = counted().limit(10);

      assertThat(frame.collectAsList()).hasSize(10);
      assertThat(
              counted()
                  .limit(55)
                  .selectExpr("length(record) n")
                  .groupBy("n")
                  .count()
                  .collectAsList())
          .hasSize(1)
          .allMatch(row -> row.getLong(1) == 55);
    } finally {
      waitForListeners();
      spark.sparkContext().removeSparkListener(listener);
    }

    assertThat(CountingFileSystem.opened()).isPositive().isLessThanOrEqualTo(tasks.size());
  }

  /** Spark tells listeners about tasks a moment later. */
  private void waitForListeners() throws Exception {
    spark.sparkContext().listenerBus().waitUntilEmpty(30_000);
  }

  @Test
  void limitsAboveAFileReadTheNextOne() throws IOException {
    writeShards(5);

    assertThat(counted().limit(3 * RECORDS_OF_SHARD + 1).collectAsList())
        .hasSize(3 * RECORDS_OF_SHARD + 1);
    assertThat(counted().limit(1000).collectAsList()).hasSize(5 * RECORDS_OF_SHARD);
  }
}

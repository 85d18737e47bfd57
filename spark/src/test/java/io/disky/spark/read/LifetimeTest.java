package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.RecordReader;
import io.disky.spark.columns.ChunkRecords;
import io.disky.spark.columns.RecordColumn;
import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.PartitionKey;
import io.disky.spark.files.RecordSchema;
import io.disky.spark.testing.CountingFileSystem;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.SharedSpark;
import io.disky.testing.LogCapture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.function.ForeachFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are closed however a task ends, and any thread may read a batch. */
@ExtendWith(NoOpenObjects.class)
class LifetimeTest {
  private static final AtomicReference<CountDownLatch> STARTED = new AtomicReference<>();

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = RecordFiles.write(directory.resolve("f"), 1000, 100);
  }

  private Dataset<Row> read(String path) {
    return spark
        .read()
        .format("disky")
        .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
        .load(path);
  }

  private List<String> paths() {
    return List.of(directory.toString(), CountingFileSystem.path(directory));
  }

  private static void assertNothingIsOpen() {
    assertThat(NoOpenObjects.count()).isZero();
    assertThat(CountingFileSystem.open()).isZero();
  }

  @Test
  void tasksThatFail() {
    for (String path : paths()) {
      ForeachFunction<Row> failing =
          row -> {
            throw new IllegalStateException("on purpose");
          };
      assertThatThrownBy(() -> read(path).foreach(failing)).hasStackTraceContaining("on purpose");
      assertNothingIsOpen();
    }
  }

  @Test
  void tasksThatStopEarly() {
    for (String path : paths()) {
      Dataset<Row> frame = read(path);
      assertThat(frame.javaRDD().mapPartitions(LifetimeTest::firstOf).count()).isPositive();
      assertThat(frame.limit(1).collectAsList()).hasSize(1);
      assertThat(frame.first().<byte[]>getAs(0)).isNotEmpty();
      assertNothingIsOpen();
    }
  }

  private static Iterator<Row> firstOf(Iterator<Row> rows) {
    return rows.hasNext() ? List.of(rows.next()).iterator() : Collections.emptyIterator();
  }

  @Test
  void jobsThatAreCancelled() throws Exception {
    for (String path : paths()) {
      CountDownLatch started = new CountDownLatch(1);
      STARTED.set(started);
      ForeachFunction<Row> endless =
          row -> {
            STARTED.get().countDown();
            Thread.sleep(60_000);
          };
      CompletableFuture<Throwable> ended =
          CompletableFuture.supplyAsync(() -> {
            spark.sparkContext().setJobGroup("cancelled", "endless", true);
            try {
              read(path).foreach(endless);
              return null;
            } catch (Throwable e) {
              return e;
            }
          });
      started.await();
      spark.sparkContext().cancelJobGroup("cancelled");

      assertThat(ended.get()).hasStackTraceContaining("cancelled");
    }
  }

  @Test
  void scriptsReadInAThreadOfTheirOwn() {
    read(directory.toString()).selectExpr("string(record) r").createOrReplaceTempView("records");

    Dataset<Row> answered = spark.sql("select transform(r) using 'cat' as (r string) from records");

    assertThat(answered.collectAsList().stream().map(row -> row.getString(0)).sorted().toList())
        .isEqualTo(RecordFiles.sorted(file));
  }

  private ScanReader reader() throws IOException {
    FileSplit split =
        new FileSplit(
            "file:" + file, true, Files.size(file), 0, 0, Files.size(file), PartitionKey.NONE);
    ReadOptions options = new ReadOptions(false, false, 1 << 30, Long.MAX_VALUE, Long.MAX_VALUE);
    ScanTask task =
        new ScanTask(RecordSchema.records(), PartitionColumns.none(), options, Long.MAX_VALUE);
    return new ScanReader(task, new SplitPartition(List.of(split), List.of()), null);
  }

  private static String record(ScanReader reader, int row) {
    return new String(reader.get().column(0).getBinary(row), StandardCharsets.UTF_8);
  }

  @Test
  void anotherThreadGoesOnWithABatchAndReadsTheNext() throws Exception {
    try (LogCapture log = new LogCapture()) {
      ScanReader reader = reader();
      assertThat(reader.next()).isTrue();
      assertThat(record(reader, 0)).isEqualTo("f 0");

      CompletableFuture.runAsync(
              () -> {
                try {
                  assertThat(record(reader, 99)).isEqualTo("f 99");
                  assertThat(reader.next()).isTrue();
                  assertThat(record(reader, 0)).isEqualTo("f 100");
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .get();
      assertThat(record(reader, 1)).isEqualTo("f 101");
      assertThat(reader.next()).isTrue();
      assertThat(record(reader, 5)).isEqualTo("f 205");
      reader.close();
      assertThat(log.messages("was never closed")).isEmpty();
    }
  }

  @Test
  void aReaderThatIsClosedReadsNothing() throws IOException {
    ScanReader reader = reader();
    assertThat(reader.next()).isTrue();
    reader.close();
    reader.close();

    assertThatThrownBy(() -> record(reader, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(reader::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ended");
    assertThat(reader.currentMetricsValues()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void batchesThatHaveEndedThrow(boolean sameThread) throws Exception {
    RecordColumn column = new RecordColumn();
    try (RecordReader reader = RecordReader.open(file)) {
      ChunkRecords chunk = new ChunkRecords("f", reader.batches().iterator().next());
      column.set(chunk);
      chunk.close();
      Runnable use =
          () ->
              assertThatThrownBy(() -> column.getBinary(0))
                  .isInstanceOf(IllegalStateException.class);
      if (sameThread) {
        use.run();
      } else {
        CompletableFuture.runAsync(use).get();
      }
    }
  }
}

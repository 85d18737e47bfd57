package io.disky.spark.write;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.Shards;
import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Modes append and overwrite, and what they do to files that exist. */
@ExtendWith(NoOpenObjects.class)
class WriteModesTest {
  @TempDir Path root;

  private Path directory() {
    return root.resolve("new/data");
  }

  private void write(Dataset<Row> frame, String mode) {
    frame.write().format("disky").mode(mode).save(directory().toString());
  }

  @Test
  void theFirstFilesAreNumberedInTheOrderOfTheTasks() throws IOException {
    write(Frames.records(0, 100, 3), "append");
    assertThat(Frames.everything(directory()))
        .containsExactly("_SUCCESS", "shard_0", "shard_1", "shard_2");
    Frames.assertRecords(directory(), 0, 100);
    assertThat(Shards.inDirectory(directory()).list()).hasSize(3);
  }

  @Test
  void appendContinuesTheNumbers() throws IOException {
    write(Frames.records(0, 100, 2), "append");
    Files.move(directory().resolve("shard_1"), directory().resolve("shard_09"));
    write(Frames.records(100, 150, 2), "append");
    assertThat(Frames.everything(directory()))
        .containsExactly("_SUCCESS", "shard_0", "shard_09", "shard_10", "shard_11");
    Frames.assertRecords(directory(), 0, 150);
  }

  @Test
  void tasksWithoutRowsWriteNoFile() throws IOException {
    write(Frames.records(0, 1, 2), "append");
    assertThat(Frames.everything(directory())).containsExactly("_SUCCESS", "shard_0");
  }

  @Test
  void anEmptyFrameWritesNoFile() throws IOException {
    write(Frames.records(0, 0, 2), "append");
    assertThat(Frames.everything(directory())).containsExactly("_SUCCESS");
  }

  @Test
  void overwriteRemovesRecordFilesAndNothingElse() throws IOException {
    write(Frames.records(0, 100, 3), "append");
    Files.writeString(directory().resolve("README.txt"), "not a record file", UTF_8);
    Files.writeString(directory().resolve("shard_77"), "nor this", UTF_8);
    Files.createDirectory(directory().resolve("day=1"));
    Files.move(directory().resolve("shard_1"), directory().resolve("day=1/other_name"));
    write(Frames.records(500, 600, 2), "overwrite");
    assertThat(Frames.everything(directory()))
        .containsExactly("README.txt", "_SUCCESS", "shard_77", "shard_78", "shard_79");
    Files.delete(directory().resolve("README.txt"));
    Files.delete(directory().resolve("shard_77"));
    Frames.assertRecords(directory(), 500, 600);
  }

  @Test
  void failIfExistsRefusesADirectoryWithRecordFiles() throws IOException {
    var writer = Frames.records(0, 100, 1).write().format("disky").option("failIfExists", true);
    writer.mode("append").save(directory().toString());
    assertThatThrownBy(() -> writer.mode("append").save(directory().toString()))
        .hasMessageContaining("shard_0 exists, and the option failIfExists is true");
    Frames.assertRecords(directory(), 0, 100);
    assertThat(Frames.everything(directory())).containsExactly("_SUCCESS", "shard_0");
  }

  @Test
  void failIfExistsAcceptsADirectoryWithOtherFiles() throws IOException {
    Files.createDirectories(directory());
    Files.writeString(directory().resolve("README.txt"), "not a record file", UTF_8);
    var writer = Frames.records(0, 100, 1).write().format("disky").option("failIfExists", true);
    writer.mode("append").save(directory().toString());
    assertThat(Frames.everything(directory())).containsExactly("README.txt", "_SUCCESS", "shard_0");
  }

  @Test
  void failIfExistsIsForAppend() {
    var writer = Frames.records(0, 1, 1).write().format("disky").option("failIfExists", true);
    assertThatThrownBy(() -> writer.mode("overwrite").save(directory().toString()))
        .hasMessageContaining("mode overwrite replaces files")
        .hasMessageContaining("choose mode append");
  }

  @Test
  void sparkRefusesItsDefaultMode() {
    assertThatThrownBy(
            () -> Frames.records(0, 1, 1).write().format("disky").save(directory().toString()))
        .hasMessageContaining(
            "\"disky\" cannot be written in the \"ErrorIfExists\" mode. Please use");
    assertThat(directory()).doesNotExist();
  }

  @Test
  void aFileIsNotADirectory() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "x", UTF_8);
    assertThatThrownBy(() ->
            Frames.records(0, 1, 1).write().format("disky").mode("append").save(file.toString()))
        .hasMessageContaining("this is a file; choose a directory");
    assertThat(file).hasContent("x");
  }

  @Test
  void noMarkerIfHadoopsSettingSaysSo() throws IOException {
    Frames.records(0, 10, 1)
        .write()
        .format("disky")
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .mode("append")
        .save(directory().toString());
    assertThat(Frames.everything(directory())).containsExactly("shard_0");
  }

  @Test
  void queriesThatAppendAtTheSameTimeLoseNothing() throws Exception {
    int queries = 4;
    try (ExecutorService threads = Executors.newFixedThreadPool(queries)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < queries; i++) {
        Dataset<Row> frame = Frames.records(100L * i, 100L * (i + 1), 5);
        all.add(threads.submit(() -> write(frame, "append")));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    Frames.assertRecords(directory(), 0, 100L * queries);
    assertThat(Frames.recordFiles(directory())).hasSize(5 * queries);
    assertThat(directory().resolve("shard_" + (5 * queries - 1))).exists();
    assertThat(Frames.everything(directory())).hasSize(5 * queries + 1);
  }
}

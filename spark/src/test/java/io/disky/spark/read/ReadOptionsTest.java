package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.RandomAccessReader;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files are read, and the options. */
@ExtendWith(NoOpenObjects.class)
class ReadOptionsTest {
  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();

  private void write(String... names) throws IOException {
    for (String name : names) {
      RecordFiles.write(directory.resolve(name), 3, 3);
    }
  }

  private List<String> files(Map<String, String> options, String... paths) {
    return spark
        .read()
        .format("disky")
        .options(options)
        .load(paths)
        .select("_metadata.file_name")
        .distinct()
        .orderBy("file_name")
        .collectAsList()
        .stream()
        .map((Row row) -> row.getString(0))
        .toList();
  }

  private List<String> files(Map<String, String> options) {
    return files(options, directory.toString());
  }

  @Test
  void filesThatAreNoDataAreLeftOut() throws IOException {
    write("a", "b.disky", "_temporary/c", "_SUCCESS", ".hidden", "d._COPYING_", "sub/e", "f.index");
    try (RandomAccessReader reader = RandomAccessReader.open(directory.resolve("a"))) {
      assertThat(reader.saveIndex()).containsExactly(directory.resolve("a.index"));
    }

    assertThat(files(Map.of())).containsExactly("a", "b.disky", "f.index");
    assertThat(files(Map.of("recursiveFileLookup", "true")))
        .containsExactly("a", "b.disky", "e", "f.index");
  }

  @Test
  void pathsOfAllKinds() throws IOException {
    write("x/a1", "x/a2", "x/b1", "y/a1", "y/with, comma", "y/[1]");
    String root = directory.toString();

    assertThat(files(Map.of(), root + "/x/a1", root + "/y")).hasSize(3);
    assertThat(files(Map.of(), root + "/*/a[12]")).containsExactly("a1", "a2");
    assertThat(files(Map.of(), root + "/{x,y}")).hasSize(5);
    assertThat(files(Map.of(), root + "/y/with, comma")).containsExactly("with, comma");
    assertThat(files(Map.of(), root + "/y/[1]")).containsExactly("[1]");
    assertThat(files(Map.of(), "file://" + root + "/x")).hasSize(3);
    assertThatThrownBy(() -> files(Map.of(), root + "/none*"))
        .rootCause()
        .hasMessageContaining("none*");
    assertThatThrownBy(() -> spark.read().format("disky").load().count())
        .hasMessageContaining("no path");
  }

  @Test
  void selectionByName() throws IOException {
    write("shard_0", "shard_10", "shard_x", "other_1", "shard_2.old");

    assertThat(files(Map.of("prefix", "shard"))).containsExactly("shard_0", "shard_10");
    assertThat(files(Map.of("pathGlobFilter", "{shard_1*,other*}")))
        .containsExactly("other_1", "shard_10");
  }

  @Test
  void selectionByTime() throws IOException {
    write("1", "2", "3");
    for (int day = 1; day <= 3; day++) {
      Files.setLastModifiedTime(
          directory.resolve("" + day),
          FileTime.from(Instant.parse("2026-01-0" + day + "T12:00:00Z")));
    }

    assertThat(files(Map.of("modifiedAfter", "2026-01-02T12:00:00Z"))).containsExactly("3");
    assertThat(files(Map.of("modifiedAfter", "2026-01-02T11:59:59Z"))).containsExactly("2", "3");
    assertThat(files(Map.of("modifiedBefore", "2026-01-02 12:00:00", "timeZone", "UTC")))
        .containsExactly("1");
    assertThat(
            files(
                Map.of(
                    "modifiedAfter", "2026-01-02",
                    "modifiedBefore", "2026-01-03",
                    "timeZone", "UTC")))
        .containsExactly("2");
    assertThat(
            files(Map.of("modifiedBefore", "2026-01-02T12:00:00", "timeZone", "America/New_York")))
        .containsExactly("1", "2");
  }

  @ParameterizedTest
  @CsvSource({
    "corruptionStrategy, ignore, error or recover",
    "ignoreCorruptFiles, yes, true or false",
    "ignoreMissingFiles, 1, true or false",
    "recursiveFileLookup, on, true or false",
    "maxChunkSize, -1, bytes",
    "maxChunkSize, 10 parsecs, bytes",
    "maxRecordSize, 0, bytes",
    "maxRecordsPerChunk, none, number",
    "maxPartitionBytes, 99999999999999999t, bytes",
    "openCostInBytes, x, bytes",
    "minPartitionNum, 0, number",
    "modifiedAfter, yesterday, 2026-01-31",
    "modifiedBefore, 2026-13-01, 2026-01-31",
    "timeZone, Mars, time zone",
    "prefix, a/b, shard_0",
    "pathGlobFilter, '{a', pattern",
    "partitionColumns, 'a, b INT', names and types",
  })
  void valuesThatAreNotAllowed(String option, String value, String allowed) throws IOException {
    write("a");

    assertThatThrownBy(() -> files(Map.of(option, value)))
        .hasMessageContaining(option)
        .hasMessageContaining(value)
        .hasMessageContaining(allowed);
  }

  @Test
  void contradictions() throws IOException {
    write("a");

    assertThatThrownBy(
            () -> files(Map.of("ignoreCorruptFiles", "true", "corruptionStrategy", "error")))
        .hasMessageContaining("contradicts");
  }

  @Test
  void limitsOfTheReader() throws IOException {
    RecordFiles.write(directory.resolve("a"), 100, 100);
    String root = directory.toString();

    for (Map<String, String> limit :
        List.of(
            Map.of("maxChunkSize", "100"),
            Map.of("maxRecordSize", "3"),
            Map.of("maxRecordsPerChunk", "99"))) {
      assertThatThrownBy(() ->
              spark.read().format("disky").options(limit).load(root).select("record").collect())
          .as("%s", limit)
          .rootCause()
          .isInstanceOf(io.disky.ChunkTooLargeException.class);
    }
    Map<String, String> enough =
        Map.of("maxChunkSize", "1 MiB", "maxRecordSize", "4", "maxRecordsPerChunk", "100");
    assertThat(spark.read().format("disky").options(enough).load(root).collectAsList())
        .hasSize(100);
  }

  @Test
  void thereIsNoStream() {
    assertThatThrownBy(() ->
            spark.readStream().format("disky").load(directory.toString()).writeStream().start())
        .hasMessageContaining("disky");
  }
}

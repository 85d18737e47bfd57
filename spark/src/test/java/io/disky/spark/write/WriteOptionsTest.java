package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.ChunkType;
import io.disky.Compression.Codec;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.FileDescription;
import io.disky.RecordReader;
import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options of a write, each of which is seen in the files, and the data frames it accepts. */
@ExtendWith(NoOpenObjects.class)
class WriteOptionsTest {
  @TempDir Path directory;

  private void write(Dataset<Row> frame, Map<String, String> options) {
    frame.write().format("disky").options(options).mode("append").save(directory.toString());
  }

  private List<Path> written(Map<String, String> options) throws IOException {
    write(Frames.records(0, 2000, 1), options);
    Frames.assertRecords(directory, 0, 2000);
    return Frames.recordFiles(directory);
  }

  private FileDescription describe(Map<String, String> options) throws IOException {
    try (RecordReader reader = RecordReader.open(written(options).getFirst())) {
      return reader.describe();
    }
  }

  @Test
  void aMillionRecords() throws IOException {
    write(Frames.records(0, 1_000_000, 4), Map.of());
    Frames.assertRecords(directory, 0, 1_000_000);
    assertThat(Frames.recordFiles(directory)).hasSize(4);
  }

  @Test
  void defaults() throws IOException {
    FileDescription file = describe(Map.of());
    assertThat(file.container()).isEqualTo(Container.RECORDS);
    assertThat(file.codecs()).containsOnlyKeys(Codec.ZSTD);
    assertThat(file.dialects()).containsExactly(Dialect.DISKY);
    assertThat(file.chunks()).doesNotContainKey(ChunkType.TRANSPOSED);
  }

  @ParameterizedTest
  @CsvSource({
    "none, disky, NONE",
    "zstd:19, disky, ZSTD",
    "'zstd:1,window_log:20', disky, ZSTD",
    "brotli:3, riegeli, BROTLI",
    "snappy, RIEGELI, SNAPPY"
  })
  void compressionAndDialect(String compression, String dialect, Codec codec) throws IOException {
    FileDescription file = describe(Map.of("compression", compression, "DIALECT", dialect));
    assertThat(file.codecs()).containsOnlyKeys(codec);
    if (codec != Codec.NONE) {
      assertThat(file.dialects())
          .containsExactly(Dialect.valueOf(dialect.toUpperCase(Locale.ROOT)));
    }
  }

  @Test
  void arrayRecord() throws IOException {
    FileDescription file = describe(Map.of("container", "arrayRecord", "groupSize", "7"));
    assertThat(file.container()).isEqualTo(Container.ARRAY_RECORD);
    assertThat(file.recordChunks()).isEqualTo((2000 + 6) / 7);
  }

  @Test
  void transpose() throws IOException {
    FileDescription file = describe(Map.of("transpose", "true", "dialect", "riegeli"));
    assertThat(file.chunks()).containsKey(ChunkType.TRANSPOSED);
  }

  @ParameterizedTest
  @CsvSource({"10000, 8", "10k, 8", "10 KiB, 8", "1m, 1"})
  void chunkSize(String size, int leastChunks) throws IOException {
    long chunks = describe(Map.of("chunkSize", size)).recordChunks();
    assertThat(chunks).isGreaterThanOrEqualTo(leastChunks);
    assertThat(chunks == 1).isEqualTo(leastChunks == 1);
  }

  @Test
  void maxShardSize() throws IOException {
    List<Path> files =
        written(Map.of("maxShardSize", "12k", "chunkSize", "5000", "compression", "none"));
    assertThat(files).hasSizeGreaterThan(3);
    for (Path file : files.subList(0, files.size() - 1)) {
      if (!file.endsWith("shard_" + (files.size() - 1))) {
        assertThat(Files.size(file)).isBetween(12L << 10, (12L << 10) + 2 * 5000);
      }
    }
  }

  @Test
  void prefix() throws IOException {
    assertThat(written(Map.of("prefix", "train-日本_1")))
        .singleElement()
        .isEqualTo(directory.resolve("train-日本_1_0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compression   | gzip     | expected none, zstd, zstd:3, brotli, brotli:6 or snappy",
        "compression   | zstd:23  | expected none, zstd, zstd:3",
        "dialect       | avro     | expected disky or riegeli",
        "container     | zip      | expected records or arrayRecord",
        "groupSize     | 0        | expected a number from 1 to 2147483647",
        "groupSize     | many     | expected a number from 1 to 2147483647",
        "transpose     | yes      | expected true or false",
        "failIfExists  | 1        | expected true or false",
        "chunkSize     | 2g       | expected 1 to 1073741824 bytes, as 1048576 or 1m",
        "chunkSize     | 0        | expected 1 to 1073741824 bytes",
        "maxShardSize  | big      | expected a number of bytes from 1 on, as 1048576 or 1m",
        "maxShardSize  | 99999999t| expected a number of bytes from 1 on, as 1048576 or 1m",
        "prefix        | a/b      | expected a name without '/'",
        "prefix        | _hidden  | begins with a letter or a digit",
        "prefix        | .hidden  | begins with a letter or a digit",
      })
  void aValueThatIsNotAllowed(String option, String value, String expected) {
    assertThatThrownBy(() -> write(Frames.records(0, 1, 1), Map.of(option, value)))
        .hasMessageContaining("option " + option + " = '" + value + "'")
        .hasMessageContaining(expected);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void optionsThatExcludeEachOther() {
    assertThatThrownBy(() -> write(Frames.records(0, 1, 1), Map.of("compression", "snappy")))
        .hasMessageContaining("dialect=disky, compression=snappy")
        .hasMessageContaining("RIEGELI");
    assertThatThrownBy(() -> write(Frames.records(0, 1, 1), Map.of("transpose", "true")))
        .hasMessageContaining("transpose=true")
        .hasMessageContaining("RIEGELI");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theColumnMustBeBinary() {
    assertThatThrownBy(() ->
            write(Frames.records(0, 1, 1).selectExpr("CAST(record AS STRING) record"), Map.of()))
        .hasMessageContaining("the column record is STRING")
        .hasMessageContaining("CAST(record AS BINARY)");
  }

  @Test
  void theColumnMustExist() {
    assertThatThrownBy(
            () -> write(Frames.records(0, 1, 1).withColumnRenamed("record", "value"), Map.of()))
        .hasMessageContaining("has no column record, but [value]")
        .hasMessageContaining(".withColumnRenamed(\"value\", \"record\")");
  }

  @Test
  void otherColumnsHaveNoPlace() {
    assertThatThrownBy(() -> write(Frames.withIds(0, 1, 1), Map.of()))
        .hasMessageContaining("no place for the column id")
        .hasMessageContaining("option partitionColumns = id")
        .hasMessageContaining(".drop(\"id\")");
  }

  @Test
  void nullIsNotARecord() throws IOException {
    Dataset<Row> frame =
        Frames.withIds(0, 100, 2).selectExpr("CASE WHEN id = 77 THEN NULL ELSE record END record");
    assertThatThrownBy(() -> write(frame, Map.of()))
        .hasStackTraceContaining("the column record is null in a row")
        .hasStackTraceContaining("WHERE record IS NOT NULL");
    assertThat(Frames.everything(directory)).isEmpty();
  }

  @Test
  void anEmptyRecordIsARecord() throws IOException {
    write(Frames.records(0, 3, 1).selectExpr("X'' AS record"), Map.of());
    try (RecordReader reader = RecordReader.open(directory.resolve("shard_0"))) {
      assertThat(reader.describe().recordCount()).isEqualTo(3);
      assertThat(reader.describe().recordBytes()).isZero();
    }
  }
}

package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The column {@code _metadata}. */
@ExtendWith(NoOpenObjects.class)
class MetadataTest {
  private static final int RECORDS = 1050;

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = RecordFiles.write(directory.resolve("a b%20c"), RECORDS, 100);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05.678Z")));
  }

  private Dataset<Row> read() {
    return spark.read().format("disky").load(file.toString());
  }

  @Test
  void isHidden() {
    assertThat(read().columns()).containsExactly("record");
    assertThat(read().schema().toDDL()).isEqualTo("record BINARY NOT NULL");
  }

  @Test
  void ofTheFile() throws IOException {
    Row row =
        read()
            .select(
                "_metadata.file_path",
                "_metadata.file_name",
                "_metadata.file_size",
                "_metadata.file_modification_time")
            .distinct()
            .collectAsList()
            .getFirst();

    assertThat(row.getString(0)).isEqualTo("file:" + file);
    assertThat(row.getString(1)).isEqualTo("a b%20c");
    assertThat(row.getLong(2)).isEqualTo(Files.size(file));
    assertThat(row.getTimestamp(3).toInstant()).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(spark.read().format("disky").load(row.getString(0)).count()).isEqualTo(RECORDS);
  }

  @Test
  void ofTheRecord() throws IOException {
    List<Long> begins = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.visitBatches(batch -> begins.add(batch.chunkBegin()));
    }

    List<Row> rows =
        read()
            .selectExpr(
                "string(record)",
                "_metadata.chunk_begin",
                "_metadata.record_index",
                "_metadata.record_number")
            .orderBy("record_number")
            .collectAsList();

    assertThat(rows).hasSize(RECORDS);
    for (int i = 0; i < RECORDS; i++) {
      Row row = rows.get(i);
      assertThat(row.getString(0)).isEqualTo(RecordFiles.record(file, i));
      assertThat(row.getLong(1)).isEqualTo(begins.get(i / 100));
      assertThat(row.getLong(2)).isEqualTo(i % 100);
      assertThat(row.getLong(3)).isEqualTo(i);
    }
  }

  @Test
  void numbersAreNullInSplitsAfterTheFirst() throws IOException {
    long half = Files.size(file) / 2;
    Dataset<Row> frame =
        spark
            .read()
            .format("disky")
            .option("maxPartitionBytes", half + 1)
            .option("openCostInBytes", half + 1)
            .load(file.toString())
            .selectExpr("_metadata.record_number n", "_metadata.chunk_begin b");

    assertThat(frame.filter("n is null and b <= " + half).count()).isZero();
    assertThat(frame.filter("n is not null and b > " + half).count()).isZero();
    assertThat(frame.filter("n is null").count()).isBetween(300L, 700L);
    assertThat(frame.count()).isEqualTo(RECORDS);
  }

  @Test
  void asAStructure() {
    Row place =
        read().select("_metadata").where("_metadata.record_number = 105").first().getStruct(0);

    assertThat(place.schema().fieldNames())
        .containsExactly(
            "file_path",
            "file_name",
            "file_size",
            "file_modification_time",
            "chunk_begin",
            "record_index",
            "record_number");
    assertThat(place.getLong(5)).isEqualTo(5);
    assertThat(place.getLong(6)).isEqualTo(105);
  }

  @Test
  void placesFindTheirRecords() throws IOException {
    Row row =
        read()
            .where("string(record) = '" + RecordFiles.record(file, 777) + "'")
            .select("_metadata.chunk_begin", "_metadata.record_index")
            .first();

    try (RecordReader reader = RecordReader.open(file)) {
      reader.seek(new io.disky.RecordPosition(row.getLong(0), (int) row.getLong(1)));
      assertThat(io.disky.Records.toString(reader.next(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo(RecordFiles.record(file, 777));
    }
  }
}

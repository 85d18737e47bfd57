package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.RecordReader;
import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Directories for the values of partition columns. */
@ExtendWith(NoOpenObjects.class)
class WritePartitionsTest {
  @TempDir Path directory;

  private void write(Dataset<Row> frame, String columns, String mode) {
    frame
        .write()
        .format("disky")
        .option("partitionColumns", columns)
        .mode(mode)
        .save(directory.toString());
  }

  /** Two levels: three dates, and one of two texts or none. */
  private static Dataset<Row> dated(long begin, long end) {
    return Frames.withIds(begin, end, 2)
        .selectExpr(
            "date_add(DATE'2026-01-30', CAST(id % 3 AS INT)) AS day",
            "record", "CASE id % 4 WHEN 0 THEN 'a/b=c %' WHEN 1 THEN '日本' END AS kind");
  }

  @Test
  void oneDirectoryForEachValue() throws IOException {
    write(dated(0, 2400), "day,kind", "append");
    Frames.assertRecords(directory, 0, 2400);
    assertThat(Frames.everything(directory))
        .hasSize(1 + 3 + 9 + 18)
        .contains(
            "_SUCCESS",
            "day=2026-01-30/kind=a%2Fb%3Dc %25/shard_0",
            "day=2026-01-31/kind=日本/shard_1",
            "day=2026-02-01/kind=__HIVE_DEFAULT_PARTITION__/shard_1");
    // 5 is the smallest number that is 1 modulo 4 and 2 modulo 3.
    Path file = directory.resolve("day=2026-02-01/kind=日本/shard_0");
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.iterator().next().asByteBuffer())
          .isEqualTo(StandardCharsets.UTF_8.encode(Frames.record(5)));
    }
  }

  @Test
  void aTaskHasOneFileForEachValueWhateverTheOrderOfTheRows() throws IOException {
    Dataset<Row> frame = Frames.withIds(0, 3000, 1).selectExpr("id % 3 AS part", "record");
    write(frame, "part", "append");
    assertThat(Frames.everything(directory))
        .containsExactly(
            "_SUCCESS",
            "part=0/",
            "part=0/shard_0",
            "part=1/",
            "part=1/shard_0",
            "part=2/",
            "part=2/shard_0");
    Frames.assertRecords(directory, 0, 3000);
  }

  @Test
  void overwriteReplacesAllPartitions() throws IOException {
    write(dated(0, 240), "day,kind", "append");
    write(
        dated(0, 240).where("day = DATE'2026-01-30'").withColumnRenamed("kind", "sort"),
        "day,sort",
        "overwrite");
    assertThat(Frames.everything(directory))
        .noneMatch(name -> name.contains("kind=") || name.contains("2026-01-31"))
        .contains("day=2026-01-30/sort=日本/shard_0");
  }

  @Test
  void booleansAndIntegers() throws IOException {
    Dataset<Row> frame =
        Frames.withIds(0, 10, 1)
            .selectExpr("id = 3 AS three", "CAST(-1 - id % 2 AS TINYINT) AS byte", "record");
    write(frame, "three, byte", "append");
    assertThat(directory.resolve("three=true/byte=-2/shard_0")).exists();
    assertThat(directory.resolve("three=false/byte=-1/shard_0")).exists();
  }

  @Test
  void sparksMethodPartitionBy() throws IOException {
    dated(0, 24)
        .drop("kind")
        .write()
        .format("disky")
        .partitionBy("day")
        .mode("append")
        .save(directory.toString());
    assertThat(directory.resolve("day=2026-02-01/shard_0")).exists();
    Frames.assertRecords(directory, 0, 24);
  }

  @Test
  void theMethodAndTheOptionMeanTheSame() {
    var writer = dated(0, 24).write().format("disky").partitionBy("day", "kind").mode("append");
    assertThatThrownBy(
            () -> writer.option("partitionColumns", "kind,day").save(directory.toString()))
        .hasMessageContaining("partitionBy states the columns [day, kind]")
        .hasMessageContaining("the columns [kind, day]: remove one of them");
    writer.option("partitionColumns", "day,kind").save(directory.toString());
    assertThat(directory.resolve("day=2026-02-01/kind=日本/shard_0")).exists();
  }

  @Test
  void aColumnThatDoesNotExist() {
    assertThatThrownBy(() -> write(dated(0, 1), "day,hour", "append"))
        .hasMessageContaining("the partition column hour is not in the data frame")
        .hasMessageContaining("[day, record, kind]");
  }

  @Test
  void aTypeThatDirectoriesCannotHold() {
    Dataset<Row> frame = Frames.withIds(0, 1, 1).selectExpr("id / 3 AS third", "record");
    assertThatThrownBy(() -> write(frame, "third", "append"))
        .hasMessageContaining("third has the type DOUBLE");
  }

  @Test
  void aFailedQueryLeavesNoDirectory() throws IOException {
    Dataset<Row> frame =
        dated(0, 240).selectExpr("day", "IF(kind IS NULL, NULL, record) AS record", "kind");
    assertThatThrownBy(() -> write(frame, "day,kind", "append"))
        .hasStackTraceContaining("record is null");
    assertThat(Frames.everything(directory)).isEmpty();
  }
}

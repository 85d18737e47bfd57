package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.spark.files.PartitionDirectory;
import io.disky.spark.testing.CountingFileSystem;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.ScanMetrics;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Columns that directories state. */
@ExtendWith(NoOpenObjects.class)
class PartitionsTest {
  private static final String COLUMNS = "date DATE, hour INT";

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();

  /** Three days of four hours, and for each hour so many records. */
  private void write() throws IOException {
    for (String date : List.of("2026-01-01", "2026-01-02", PartitionDirectory.NO_VALUE)) {
      for (int hour = 0; hour < 4; hour++) {
        Path leaf = directory.resolve("date=" + date).resolve("hour=" + hour);
        RecordFiles.write(leaf.resolve("of-" + date + "-" + hour), 10 + hour, 5);
      }
    }
  }

  private DataFrameReader reader() {
    return spark
        .read()
        .format("disky")
        .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName());
  }

  private Dataset<Row> counted() {
    CountingFileSystem.reset();
    return reader().option("partitionColumns", COLUMNS).load(CountingFileSystem.path(directory));
  }

  private static List<Object> values(Dataset<Row> frame) {
    return frame.collectAsList().stream().map(row -> row.get(0)).toList();
  }

  @Test
  void columnsHaveTheValuesOfTheDirectories() throws IOException {
    write();
    Dataset<Row> frame = counted();

    assertThat(frame.schema().toDDL()).isEqualTo("record BINARY NOT NULL,date DATE,hour INT");
    List<Row> rows =
        frame
            .groupBy("date", "hour")
            .agg(
                org.apache.spark.sql.functions.expr("count(*)"),
                org.apache.spark.sql.functions.expr("min(string(record))"))
            .orderBy("date", "hour")
            .collectAsList();
    assertThat(rows).hasSize(12);
    assertThat(rows.get(0).isNullAt(0)).isTrue();
    assertThat(rows.get(3).getString(3)).isEqualTo("of-" + PartitionDirectory.NO_VALUE + "-3 0");
    assertThat(rows.get(11).getDate(0)).hasToString("2026-01-02");
    assertThat(rows.get(11).getInt(1)).isEqualTo(3);
    assertThat(rows.get(11).getLong(2)).isEqualTo(13);
  }

  @Test
  void namesWithoutTypesAreStrings() throws IOException {
    write();

    Dataset<Row> frame =
        reader().option("partitionColumns", "hour, date").load(directory.toString());

    assertThat(frame.schema().toDDL()).isEqualTo("record BINARY NOT NULL,hour STRING,date STRING");
    assertThat(frame.where("hour = '2' and date = '2026-01-01'").count()).isEqualTo(12);
  }

  @Test
  void directoriesThatAFilterExcludesAreNotListed() throws IOException {
    write();

    assertThat(counted().where("date = date'2026-01-02'").count()).isEqualTo(46);
    assertThat(CountingFileSystem.listed()).isEqualTo(1 + 1 + 4);
    assertThat(CountingFileSystem.opened()).isEqualTo(4);

    assertThat(counted().where("hour in (1, 3) and date is not null").count()).isEqualTo(2 * 24);
    assertThat(CountingFileSystem.listed()).isEqualTo(1 + 2 + 4);

    assertThat(counted().where("year(date) = 2026 and hour * 2 = 4").count()).isEqualTo(24);
    assertThat(CountingFileSystem.listed()).isEqualTo(1 + 2 + 2);

    assertThat(counted().where("hour = 7").count()).isZero();
    assertThat(CountingFileSystem.opened()).isZero();
  }

  @Test
  void filtersOfRecordsAndOfDirectories() throws IOException {
    write();

    Dataset<Row> frame =
        counted().where("hour = 1 and string(record) like '% 7' and length(record) > 2");

    assertThat(frame.select("date").distinct().count()).isEqualTo(3);
    assertThat(frame.count()).isEqualTo(3);
  }

  @Test
  void countsOfGroupsDecodeNothing() throws IOException {
    write();

    ScanMetrics.Result result =
        ScanMetrics.run(
            counted().where("date is not null").groupBy("hour").count().orderBy("hour"));

    assertThat(result.rows().stream().map(row -> row.getLong(1)).toList())
        .containsExactly(20L, 22L, 24L, 26L);
    assertThat(result.metrics())
        .containsEntry("decodedBytes", 0L)
        .containsEntry("recordsRead", 92L);
  }

  @Test
  void groupsWithoutRecordsDoNotExist() throws IOException {
    RecordFiles.write(directory.resolve("day=1/a"), 5, 5);
    RecordFiles.write(directory.resolve("day=2/a"), 0, 5);

    Dataset<Row> frame = reader().option("partitionColumns", "day").load(directory.toString());

    assertThat(values(frame.groupBy("day").count().select("day"))).containsExactly("1");
    assertThat(frame.where("day = 2").count()).isZero();
  }

  @Test
  void joinsReadOnlyTheDirectoriesThatTheyNeed() throws IOException {
    write();
    Dataset<Row> wanted = spark.range(0, 100).where("id % 100 = 2").selectExpr("int(id) as wanted");
    Dataset<Row> joined =
        counted()
            .join(wanted.hint("broadcast"), org.apache.spark.sql.functions.expr("hour = wanted"));

    ScanMetrics.Result result = ScanMetrics.run(joined.select("record"));

    assertThat(result.rows()).hasSize(3 * 12);
    assertThat(result.metrics()).containsEntry("recordsRead", 36L);
  }

  @Test
  void valuesAreEscapedAsHiveDoes() throws IOException {
    String value = "a/b=c%d:e\\f#g {h}";
    Path leaf = directory.resolve(new PartitionDirectory("the key", value).name());
    RecordFiles.write(leaf.resolve("f"), 3, 3);

    Dataset<Row> frame =
        reader().option("partitionColumns", "`the key` STRING").load(directory.toString());

    assertThat(values(frame.select("`the key`").distinct())).containsExactly(value);
    assertThat(frame.where(frame.col("`the key`").equalTo(value)).count()).isEqualTo(3);
  }

  @Test
  void pathsInsideOfPartitions() throws IOException {
    write();

    Dataset<Row> frame =
        reader().option("partitionColumns", COLUMNS).load(directory + "/date=2026-*/hour=[12]");

    assertThat(values(frame.selectExpr("concat(date, ' ', hour) c").distinct().orderBy("c")))
        .containsExactly("2026-01-01 1", "2026-01-01 2", "2026-01-02 1", "2026-01-02 2");
  }

  @Test
  void theSchemaOfTheUserNamesColumns() throws IOException {
    write();

    Dataset<Row> frame =
        reader().schema("date STRING, record BINARY, hour BIGINT").load(directory.toString());

    assertThat(frame.where("date = '2026-01-01' and hour = 3").count()).isEqualTo(13);
    assertThat(frame.columns()).containsExactly("date", "record", "hour");
  }

  @Test
  void columnsThatNobodyNamesAreAnError() throws IOException {
    write();

    assertThatThrownBy(() -> reader().load(directory.toString()).count())
        .hasMessageContaining("date=2026-01-01")
        .hasMessageContaining("partitionColumns = \"date\"")
        .hasMessageContaining("recursiveFileLookup");
    assertThatThrownBy(
            () -> reader().option("partitionColumns", "date").load(directory.toString()).count())
        .hasMessageContaining("partitionColumns = \"date,hour\"");
    assertThatThrownBy(() -> reader().load(directory + "/*/hour=1").count())
        .hasMessageContaining("partitionColumns");
    assertThat(reader().option("recursiveFileLookup", true).load(directory.toString()).count())
        .isEqualTo(138);
  }

  @Test
  void wrongColumnsAreErrors() throws IOException {
    write();
    RecordFiles.write(directory.resolve("outside"), 3, 3);

    assertThatThrownBy(() -> counted().count())
        .hasMessageContaining("outside")
        .hasMessageContaining("date=");
    assertThatThrownBy(() ->
            reader()
                .option("partitionColumns", "date INT, hour INT")
                .load(directory + "/date=2026-01-01")
                .count())
        .hasMessageContaining("date=2026-01-01")
        .hasMessageContaining("INT");
    assertThatThrownBy(() -> reader().option("partitionColumns", "a ARRAY<INT>").load("x").count())
        .hasMessageContaining("ARRAY")
        .hasMessageContaining("DATE");
    assertThatThrownBy(() -> reader().option("partitionColumns", "a,a").load("x").count())
        .hasMessageContaining("two partition columns are called a");
    assertThatThrownBy(() -> reader().schema("record STRING").load(directory.toString()).count())
        .hasMessageContaining("BINARY");
    assertThatThrownBy(
            () -> reader().schema("record BINARY, more DOUBLE").load(directory.toString()).count())
        .hasMessageContaining("more");
  }
}

package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.spark.testing.CountingFileSystem;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spark reads exactly the records that files have. */
@ExtendWith(NoOpenObjects.class)
class RoundTripTest {
  private static final int MANY = 1_000_000;

  @TempDir private Path directory;
  private final SparkSession spark = SharedSpark.session();

  private Dataset<Row> read(String path) {
    return spark
        .read()
        .format("disky")
        .option(CountingFileSystem.SETTING, CountingFileSystem.class.getName())
        .load(path);
  }

  private void writeNumbers(int files) throws IOException {
    int number = 0;
    for (int file = 0; file < files; file++) {
      try (RecordWriter writer = RecordWriter.open(directory.resolve("shard_" + file))) {
        for (int i = 0; i < MANY / files; i++) {
          writer.write(ByteBuffer.allocate(Integer.BYTES).putInt(number++).array());
        }
      }
    }
  }

  private static BitSet numbers(Dataset<Row> frame) {
    BitSet numbers = new BitSet(MANY);
    for (Iterator<Row> rows = frame.toLocalIterator(); rows.hasNext(); ) {
      int number = ByteBuffer.wrap(rows.next().<byte[]>getAs(0)).getInt();
      assertThat(numbers.get(number)).as("record %s was read before", number).isFalse();
      numbers.set(number);
    }
    return numbers;
  }

  @Test
  void aMillionRecordsOfLocalFiles() throws IOException {
    writeNumbers(8);

    Dataset<Row> frame = read(directory.toString());

    assertThat(numbers(frame).cardinality()).isEqualTo(MANY);
    assertThat(frame.count()).isEqualTo(MANY);
  }

  @Test
  void aMillionRecordsOfAnotherFileSystem() throws IOException {
    writeNumbers(4);

    Dataset<Row> frame = read(CountingFileSystem.path(directory));

    assertThat(numbers(frame).cardinality()).isEqualTo(MANY);
    assertThat(CountingFileSystem.open()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"777", "4096", "65536", "65537", "100000", "1m"})
  void partitionsOfEachSize(String size) throws IOException {
    Path file = RecordFiles.write(directory.resolve("f"), 20_000, 300);

    Dataset<Row> frame =
        spark
            .read()
            .format("disky")
            .option("maxPartitionBytes", size)
            .option("openCostInBytes", "100000")
            .load(file.toString());

    assertThat(RecordFiles.sorted(frame)).isEqualTo(RecordFiles.sorted(file));
    long bytes = Files.size(file);
    long partitions = frame.javaRDD().getNumPartitions();
    assertThat(partitions)
        .isGreaterThanOrEqualTo(size.equals("1m") ? 1 : bytes / (100_000 + 65_537));
  }

  static Stream<Path> golden() throws IOException {
    Path root = Path.of("src/test/resources/golden");
    Path golden =
        (Files.exists(root) ? root : Path.of("..").resolve(root)).toAbsolutePath().normalize();
    try (Stream<Path> files = Files.walk(golden)) {
      return files
          .filter(
              file -> file.toString().matches(".*\\.(disky|riegeli|arrayrecord)|.*/shard_[0-9]+"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @Test
  void filesOfOtherPrograms() throws IOException {
    List<Path> files = golden().toList();
    assertThat(files).hasSizeGreaterThanOrEqualTo(49);
    String[] paths = files.stream().map(Path::toString).toArray(String[]::new);

    Map<String, List<String>> records = new HashMap<>();
    Dataset<Row> frame = spark.read().format("disky").load(paths);
    for (Row row : frame.select("record", "_metadata.file_path").collectAsList()) {
      records
          .computeIfAbsent(row.getString(1), path -> new ArrayList<>())
          .add(new String(row.<byte[]>getAs(0), StandardCharsets.UTF_8));
    }

    for (Path file : files) {
      List<String> read = records.getOrDefault("file:" + file, List.of());
      assertThat(read.stream().sorted().toList())
          .as("%s", file)
          .isEqualTo(RecordFiles.sorted(file));
    }
    assertThat(frame.count()).isEqualTo(records.values().stream().mapToLong(List::size).sum());
  }

  @Test
  void recordsOfEachSize() throws IOException {
    Path file = directory.resolve("sizes");
    int[] sizes = {0, 1, 7, 8, 9, 65_535, 65_536, 1_048_577, 3_000_000, 0};
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int size : sizes) {
        writer.write(new byte[size]);
      }
    }

    List<Row> rows =
        read(file.toString())
            .selectExpr("length(record)", "_metadata.record_number")
            .orderBy("record_number")
            .collectAsList();

    assertThat(rows.stream().mapToInt(row -> row.getInt(0)).toArray()).isEqualTo(sizes);
  }

  @Test
  void aFileWithoutBytesHasNoRecords() throws IOException {
    Files.createFile(directory.resolve("empty"));

    assertThat(read(directory.toString()).count()).isZero();
    assertThat(RecordFiles.sorted(read(directory.toString()))).isEmpty();
    assertThat(read(directory.toString()).isEmpty()).isTrue();
  }
}

package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.ChunkDescription;
import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RecordReader;
import io.disky.WriterOptions;
import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.PartitionKey;
import io.disky.spark.files.RecordSchema;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.RecordFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each record is read by exactly one split, wherever the splits begin. */
@ExtendWith(NoOpenObjects.class)
class SplitsTest {
  private static final int RECORDS = 300;
  private static final int BLOCK = 64 << 10;

  @TempDir private Path directory;

  static Stream<WriterOptions> formats() {
    WriterOptions plain = WriterOptions.defaults().withCompression(Compression.none());
    return Stream.of(
        plain,
        WriterOptions.defaults(),
        plain.withContainer(Container.ARRAY_RECORD),
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withTranspose(true));
  }

  private static ReadOptions options() {
    return new ReadOptions(false, false, 1 << 30, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  private static FileSplit split(Path file, long begin, long end) throws IOException {
    return new FileSplit("file:" + file, true, Files.size(file), 0, begin, end, PartitionKey.NONE);
  }

  private static List<String> read(FileSplit... splits) throws IOException {
    ScanTask task =
        new ScanTask(RecordSchema.records(), PartitionColumns.none(), options(), Long.MAX_VALUE);
    List<String> records = new ArrayList<>();
    try (ScanReader reader =
        new ScanReader(task, new SplitPartition(List.of(splits), List.of()), null)) {
      while (reader.next()) {
        ColumnarBatch batch = reader.get();
        for (int row = 0; row < batch.numRows(); row++) {
          records.add(new String(batch.column(0).getBinary(row), StandardCharsets.UTF_8));
        }
      }
    }
    return records;
  }

  private static long count(FileSplit split) throws IOException {
    return CountedRows.count(
        split, options(), new SplitOpening(null, new ReadCounts()), new ReadCounts());
  }

  /**
   * All bytes of the first block header and of one chunk's header, and those around them; a few
   * bytes of each other chunk.
   */
  private static Set<Long> edges(Path file) throws IOException {
    List<ChunkDescription> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunks::add);
    }
    Set<Long> edges = new TreeSet<>();
    addAround(edges, 0, 25);
    addAround(edges, chunks.get(1).begin(), 41);
    for (ChunkDescription chunk : chunks) {
      addAround(edges, chunk.begin(), 1);
      edges.add((chunk.begin() + chunk.end()) / 2);
      edges.add(chunk.end() - 1);
    }
    long size = Files.size(file);
    addAround(edges, size, 0);
    edges.removeIf(edge -> edge < 0 || edge > size);
    return edges;
  }

  private static void addAround(Set<Long> edges, long begin, long bytes) {
    for (long edge = begin - 1; edge <= begin + bytes; edge++) {
      edges.add(edge);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void twoRangesThatMeetAnywhere(WriterOptions options) throws IOException {
    Path file = RecordFiles.write(directory.resolve("f"), options, RECORDS, 100);
    List<String> expected = RecordFiles.records(file);
    long size = Files.size(file);
    assertThat(expected).hasSize(RECORDS);

    for (long edge : edges(file)) {
      FileSplit first = split(file, 0, edge);
      FileSplit second = split(file, edge, size);

      assertThat(read(first, second)).as("split at byte %s", edge).isEqualTo(expected);
      assertThat(count(first) + count(second)).as("count at byte %s", edge).isEqualTo(RECORDS);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void rangesOfEachSize(WriterOptions options) throws IOException {
    Path file = RecordFiles.write(directory.resolve("f"), options, 20_000, 400);
    List<String> expected = RecordFiles.records(file);
    long size = Files.size(file);

    for (long range : new long[] {997, 4096, BLOCK - 1, BLOCK, BLOCK + 1, size / 2, size}) {
      List<FileSplit> splits = new ArrayList<>();
      for (long begin = 0; begin < size; begin += range) {
        splits.add(split(file, begin, Math.min(size, begin + range)));
      }

      assertThat(read(splits.toArray(FileSplit[]::new)))
          .as("ranges of %s", range)
          .isEqualTo(expected);
    }
  }
}

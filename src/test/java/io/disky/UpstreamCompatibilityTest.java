package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.OracleReader;
import io.disky.oracle.UpstreamReaderModel;
import io.disky.oracle.UpstreamReaderModel.Verdict;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link WriterOptions#withUpstreamCompatibility}: upstream's reader, of which there is a model,
 * takes every file, and what it takes anyway stays as it is.
 */
class UpstreamCompatibilityTest {
  private static final int SEEDS = 48;

  @TempDir private Path directory;

  /** What a writer is told, and in the end the records and where it has said that they are. */
  private record Written(byte[] file, List<byte[]> records, List<RecordPosition> positions) {}

  private static WriterOptions options(Random random) {
    Compression compression =
        random.nextBoolean() ? Compression.none() : Compression.zstd(random.nextInt(-3, 4));
    long[] chunkSizes = {1, 5_000, 70_000, 200_000, 1 << 20};
    return WriterOptions.defaults()
        .withCompression(compression)
        .withChunkSize(chunkSizes[random.nextInt(chunkSizes.length)]);
  }

  private static byte[] record(Random random, int kinds) {
    int size =
        switch (random.nextInt(kinds)) {
          case 0 -> random.nextInt(50);
          case 1 -> random.nextInt(3_000);
          case 2 -> 10_000 + random.nextInt(30_000);
          case 3 -> 60_000 + random.nextInt(8_000);
          default -> 65_536 + random.nextInt(200_000);
        };
    return random.nextInt(3) == 0 ? new byte[size] : SampleRecords.random(random, size);
  }

  /** Writes what {@code seed} says, with positions asked for or not. */
  private Written write(long seed, WriterOptions base, boolean asks) throws IOException {
    Random random = new Random(seed);
    random.nextLong(); // other numbers than those of the options
    Path file = directory.resolve("file");
    WriterOptions options = base.withOpenMode(OpenMode.OVERWRITE);
    List<byte[]> records = new ArrayList<>();
    List<RecordPosition> positions = new ArrayList<>();
    int kinds = 1 + random.nextInt(6);
    int flushes = random.nextInt(3) * 10;
    RecordWriter writer = RecordWriter.open(file, options);
    try {
      for (long left = 400_000; left > 0 && records.size() < 1_000; ) {
        byte[] record = record(random, kinds);
        left -= record.length;
        writer.write(record);
        records.add(record);
        if (asks && random.nextInt(3) == 0) {
          positions.add(writer.lastPosition());
        } else if (asks) {
          positions.add(null);
        }
        if (random.nextInt(100) < flushes) {
          writer.flush();
        }
        if (random.nextInt(300) < flushes) {
          writer.close();
          writer = RecordWriter.open(file, options.withOpenMode(OpenMode.APPEND));
        }
      }
    } finally {
      writer.close();
    }
    return new Written(Files.readAllBytes(file), records, positions);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noFileIsRejected(boolean asksForPositions) throws IOException {
    Map<Verdict, Integer> without = new EnumMap<>(Verdict.class);
    for (long seed = 0; seed < SEEDS; seed++) {
      WriterOptions options = options(new Random(seed));
      Written written = write(seed, options, asksForPositions);
      assertThat(UpstreamReaderModel.verdictOnEachChunk(written.file()))
          .as("seed %s", seed)
          .isEqualTo(Verdict.ACCEPTED);
      SampleRecords.assertSame(OracleReader.parse(written.file()).records(), written.records());
      for (int threads : new int[] {1, 3}) {
        Written parallel = write(seed, options.withParallelism(threads), asksForPositions);
        assertThat(parallel.file())
            .as("seed %s, %s threads", seed, threads)
            .isEqualTo(written.file());
        assertThat(parallel.positions()).isEqualTo(written.positions());
      }
      assertPositions(seed, written);

      WriterOptions off = options.withUpstreamCompatibility(false);
      Written plain = write(seed, off, false);
      Verdict verdict = UpstreamReaderModel.verdictOnEachChunk(plain.file());
      without.merge(verdict, 1, Integer::sum);
      if (verdict == Verdict.ACCEPTED && !asksForPositions) {
        assertThat(written.file()).as("seed %s", seed).isEqualTo(plain.file());
      }
    }
    System.out.println("Upstream's reader without compatibility: " + without);
    assertThat(without.get(Verdict.ACCEPTED)).isGreaterThan(SEEDS / 4);
    assertThat(without.get(Verdict.CONTINUED_CHUNK)).isGreaterThan(SEEDS / 4);
  }

  private void assertPositions(long seed, Written written) throws IOException {
    Path file = directory.resolve("asked");
    Files.write(file, written.file());
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < written.positions().size(); i++) {
        RecordPosition position = written.positions().get(i);
        if (position == null) {
          continue;
        }
        reader.seek(position);
        MemorySegment record = reader.next();
        assertThat(record.mismatch(MemorySegment.ofArray(written.records().get(i))))
            .as("seed %s, record %s at %s", seed, i, position)
            .isEqualTo(-1);
        assertThat(reader.lastPosition()).isEqualTo(position);
      }
    }
  }

  /** Every way to read goes over chunks without records. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "zstd"})
  void chunksWithoutRecordsAreNotSeen(String codec) throws IOException {
    Compression compression = codec.equals("none") ? Compression.none() : Compression.zstd();
    Path file = directory.resolve("file");
    Random random = new Random(13);
    List<byte[]> records = new ArrayList<>();
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withCompression(compression))) {
      for (int size : new int[] {7, 300_000, 9, 200_000}) {
        records.add(SampleRecords.random(random, size));
        writer.write(records.getLast());
        writer.flush();
      }
    }
    List<OracleReader.Chunk> chunks = OracleReader.parse(Files.readAllBytes(file)).chunks();
    assertThat(chunks).hasSizeGreaterThanOrEqualTo(1 + 4 + 2);
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), records);
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(4);
      reader.verify();
      reader.forEach(record -> {});
      for (int i = 3; i >= 0; i--) {
        assertThat(reader.seekBack()).isTrue();
        MemorySegment record = reader.next();
        assertThat(record.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(records.get(i));
        assertThat(reader.seekBack()).isTrue();
      }
      assertThat(reader.seekBack()).isFalse();
    }
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(4);
      for (int i : new int[] {3, 0, 2, 1}) {
        assertThat(reader.get(i)).isEqualTo(records.get(i));
      }
    }
  }

  @Test
  void shardsOfManyThreads() throws IOException {
    Random random = new Random(5);
    List<byte[]> records = new ArrayList<>();
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withNumShards(3)
            .withParallelism(3)
            .withCompression(Compression.none());
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      for (int i = 0; i < 120; i++) {
        records.add(record(random, 5));
        writer.write(records.getLast());
        if (i % 3 == 0) {
          writer.flush();
        }
      }
    }
    List<byte[]> found = new ArrayList<>();
    try (var files = Files.list(directory)) {
      for (Path shard : files.sorted(Comparator.naturalOrder()).toList()) {
        byte[] file = Files.readAllBytes(shard);
        assertThat(UpstreamReaderModel.verdictOnEachChunk(file)).isEqualTo(Verdict.ACCEPTED);
        found.addAll(OracleReader.parse(file).records());
      }
    }
    assertThat(found).hasSize(120).containsExactlyInAnyOrderElementsOf(records);
  }

  /** Where what is written goes makes no difference. */
  @Test
  void streamsAreAsFiles() throws IOException {
    Path file = directory.resolve("file");
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    Random random = new Random(8);
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter toFile = RecordWriter.open(file, options);
        RecordWriter toStream = RecordWriter.open(stream, options)) {
      for (int size : new int[] {3, 250_000, 10, 70_000, 65_300, 400_000}) {
        byte[] record = SampleRecords.random(random, size);
        toFile.write(record);
        toStream.write(record);
        toFile.flush();
        toStream.flush();
      }
    }
    assertThat(stream.toByteArray()).isEqualTo(Files.readAllBytes(file));
    assertThat(UpstreamReaderModel.verdictOnEachChunk(stream.toByteArray()))
        .isEqualTo(Verdict.ACCEPTED);
  }
}

package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordDigest;
import io.disky.oracle.SimpleChunkData;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import io.disky.testing.WritingWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Records that were taken apart by field are put together again, whatever they are. */
class TransposedTest {
  private static final double[] BUCKET_FRACTIONS = {0.0, 0.001, 0.3, 1.0};

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static WriterOptions transposed() {
    return WriterOptions.defaults().withDialect(Dialect.RIEGELI).withTranspose(true);
  }

  /** Each codec with buckets of each size. */
  static List<WriterOptions> layouts() {
    List<WriterOptions> layouts = new ArrayList<>();
    for (Compression compression :
        List.of(
            Compression.none(),
            Compression.zstd(1),
            Compression.zstd(-7),
            Compression.brotli(3),
            Compression.snappy())) {
      for (double fraction : BUCKET_FRACTIONS) {
        layouts.add(transposed().withCompression(compression).withBucketFraction(fraction));
      }
    }
    return layouts;
  }

  private void write(WriterOptions options, List<byte[]> records) throws IOException {
    Files.deleteIfExists(file);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
  }

  private void assertRoundTrip(WriterOptions options, List<byte[]> records) throws IOException {
    write(options, records);
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), records);
    }
    try (RecordReader reader = RecordReader.open(file)) {
      FileDescription description = reader.describe();
      assertThat(reader.recordCount()).isEqualTo(records.size());
      assertThat(description.chunks()).doesNotContainKey(ChunkType.SIMPLE);
      assertThat(description.recordSizes().count()).isEqualTo(records.size());
      assertThat(description.recordSizes().total())
          .isEqualTo(records.stream().mapToLong(record -> record.length).sum());
    }
  }

  // Messages

  private static byte[] field(Random random, int depth) {
    byte[] number =
        SimpleChunkData.varint((1L + random.nextInt(random.nextInt(8) == 0 ? 300 : 5)) << 3);
    int kind = random.nextInt(depth > 0 ? 6 : 4);
    number[0] |= (byte) new int[] {0, 1, 5, 2, 2, 3}[kind];
    byte[] value =
        switch (kind) {
          case 0 -> SimpleChunkData.varint(random.nextLong() >>> random.nextInt(64));
          case 1 -> SampleRecords.random(random, 8);
          case 2 -> SampleRecords.random(random, 4);
          case 3 -> delimited(SampleRecords.random(random, random.nextInt(30)));
          case 4 -> delimited(message(random, depth - 1));
          default -> {
            byte[] end = number.clone();
            end[0] ^= 3 ^ 4;
            yield SimpleChunkData.concatenate(List.of(message(random, depth - 1), end));
          }
        };
    return SimpleChunkData.concatenate(List.of(number, value));
  }

  private static byte[] delimited(byte[] bytes) {
    return SimpleChunkData.prefixed(bytes.length, bytes);
  }

  private static byte[] message(Random random, int depth) {
    List<byte[]> fields = new ArrayList<>();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      fields.add(field(random, depth));
    }
    return SimpleChunkData.concatenate(fields);
  }

  /** Mostly messages, of which some are cut off, and junk. */
  static byte[] anyRecord(Random random) {
    byte[] message = message(random, 5);
    return switch (random.nextInt(10)) {
      case 0 -> SampleRecords.random(random, random.nextInt(100));
      case 1 -> Arrays.copyOf(message, random.nextInt(message.length + 1));
      default -> message;
    };
  }

  static Stream<Arguments> seedsOfEachLayout() {
    return layouts().stream()
        .flatMap(
            layout -> LongStream.rangeClosed(1, 3).mapToObj(seed -> Arguments.of(seed, layout)));
  }

  @ParameterizedTest(name = "seed {0}: {1}")
  @MethodSource("seedsOfEachLayout")
  void messagesAndJunk(long seed, WriterOptions layout) throws IOException {
    Random random = new Random(seed);
    List<byte[]> kinds = Stream.generate(() -> anyRecord(random)).limit(20).toList();
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      boolean repeated = random.nextBoolean();
      records.add(repeated ? kinds.get(random.nextInt(kinds.size())) : anyRecord(random));
    }
    for (long chunkSize : new long[] {1, 500, 5000, 1 << 20}) {
      assertRoundTrip(layout.withChunkSize(chunkSize), records);
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void recordsThatAreNoMessages(WriterOptions layout) throws IOException {
    assertRoundTrip(layout, List.of());
    assertRoundTrip(layout, Collections.nCopies(1000, new byte[0]));
    assertRoundTrip(layout, SampleRecords.ofSizes(0, 1, 127, 128, 70_000, 300_000, 2, 0));
    assertRoundTrip(layout, SampleRecords.lines(3000));
  }

  @ParameterizedTest
  @EnumSource
  void eachWayOfWriting(WritingWay way) throws IOException {
    Random random = new Random(5);
    List<byte[]> records = Stream.generate(() -> anyRecord(random)).limit(300).toList();
    try (RecordWriter writer = RecordWriter.open(file, transposed().withChunkSize(2000))) {
      for (byte[] record : records) {
        way.write(writer, record);
      }
    }
    SampleRecords.assertSame(ReadingWay.VISIT.read(file), records);
  }

  @Test
  void megabytes() throws IOException {
    assertRoundTrip(transposed(), SampleRecords.ofSizes(3 << 20, 5, 2 << 20, 1 << 20));
  }

  /** Other programs' messages, and so it is not ours alone to say what one is. */
  @Test
  void messagesOfOthers() throws IOException {
    GoldenManifest.Entry golden = GoldenManifest.entry("riegeli/protos.zstd.transposed.riegeli");
    List<byte[]> records = ReadingWay.NEXT_BATCH.read(golden.location());
    for (WriterOptions layout : layouts()) {
      write(layout, records);
      assertThat(RecordDigest.of(ReadingWay.VISIT.read(file))).isEqualTo(golden.digest());
    }
  }

  /** Messages of one kind, of which most fields hardly change. */
  @Test
  void messagesCompressBetter() throws IOException {
    List<byte[]> records =
        ReadingWay.NEXT_BATCH.read(
            GoldenManifest.entry("riegeli/protos.zstd.transposed.riegeli").location());
    write(transposed(), records);
    long transposed = Files.size(file);
    write(transposed().withTranspose(false), records);
    assertThat(transposed).isLessThan(Files.size(file) * 9 / 10);
  }

  @Test
  void simpleAndTransposedChunksInOneFile() throws IOException {
    List<byte[]> records = new ArrayList<>();
    List<WriterOptions> layouts = new ArrayList<>(RoundTripTest.layouts());
    layouts.addAll(layouts());
    Collections.shuffle(layouts, new Random(1));
    for (WriterOptions layout : layouts) {
      try (RecordWriter writer = RecordWriter.open(file, layout.withOpenMode(OpenMode.APPEND))) {
        List<byte[]> part = SampleRecords.lines(50);
        for (byte[] record : part) {
          writer.write(record);
        }
        records.addAll(part);
      }
    }
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), records);
    }
  }
}

package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression.Codec;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordDigest;
import io.disky.oracle.ZstdDialect;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that other programs wrote, read in every way and continued. */
class GoldenFilesTest {
  @TempDir private Path directory;

  static List<GoldenManifest.Entry> entries() {
    return GoldenManifest.all();
  }

  static List<GoldenManifest.Entry> forOracle() {
    return GoldenManifest.forOracle();
  }

  static List<GoldenManifest.Entry> beyondOracle() {
    return GoldenManifest.beyondOracle();
  }

  static List<GoldenManifest.Entry> arrayRecords() {
    return GoldenManifest.arrayRecords();
  }

  /** So that none is forgotten where the files are filtered. */
  @Test
  void filesAreOfEveryWriter() {
    assertThat(entries()).hasSize(49);
    assertThat(forOracle()).hasSize(23);
    assertThat(beyondOracle()).hasSize(12);
    assertThat(arrayRecords()).hasSize(14);
  }

  static Stream<Arguments> entriesInEachWay() {
    return entries().stream()
        .flatMap(entry -> Arrays.stream(ReadingWay.values()).map(way -> Arguments.of(entry, way)));
  }

  /** Every file that the oracle reads, the shards one by one. */
  static List<Path> files() {
    return forOracle().stream().flatMap(entry -> entry.files().stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("entriesInEachWay")
  void recordsAreThoseOfTheManifest(GoldenManifest.Entry entry, ReadingWay way) throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (Path file : entry.files()) {
      records.addAll(way.read(file));
    }

    assertThat(records.size()).isEqualTo(entry.records());
    assertThat(records.stream().mapToLong(record -> record.length).sum()).isEqualTo(entry.bytes());
    assertThat(entry.digestOf(records)).isEqualTo(entry.digest());
  }

  @ParameterizedTest
  @MethodSource("entries")
  void headersTellTheFiguresOfTheManifest(GoldenManifest.Entry entry) throws IOException {
    long count = 0;
    long described = 0;
    long bytes = 0;
    for (Path file : entry.files()) {
      try (RecordReader reader = RecordReader.open(file)) {
        FileDescription description = reader.describe();
        count += reader.recordCount();
        described += description.recordCount();
        bytes += description.recordBytes();
        assertThat(description.recordSizes().count()).isEqualTo(description.recordCount());
        assertThat(description.recordSizes().total()).isEqualTo(description.recordBytes());
        assertThat(description.container())
            .isEqualTo(entry.isArrayRecord() ? Container.ARRAY_RECORD : Container.RECORDS);
        assertThat(description.fileSize()).isEqualTo(Files.size(file));
        assertThat(reader.fileSize()).isEqualTo(Files.size(file));
      }
    }
    assertThat(count).isEqualTo(entry.records());
    assertThat(described).isEqualTo(entry.records());
    assertThat(bytes).isEqualTo(entry.bytes());
  }

  @ParameterizedTest
  @MethodSource("beyondOracle")
  void headersTellCodecAndTypeOfChunks(GoldenManifest.Entry entry) throws IOException {
    try (RecordReader reader = RecordReader.open(entry.location())) {
      FileDescription description = reader.describe();
      assertThat(description.codecs()).containsOnlyKeys(codec(entry.describedCodec()));
      assertThat(description.chunks())
          .containsKey(entry.isTransposed() ? ChunkType.TRANSPOSED : ChunkType.SIMPLE);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void chunksAreThoseThatTheOracleSees(Path file) throws IOException {
    List<ChunkDescription> expected =
        OracleReader.read(file).chunks().stream().map(GoldenFilesTest::description).toList();

    try (RecordReader reader = RecordReader.open(file)) {
      List<ChunkDescription> chunks = new ArrayList<>();
      reader.forEachChunk(chunks::add);

      assertThat(chunks)
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields(
              "codec", "dialect", "recordBytes")
          .containsExactlyElementsOf(expected);
      List<ChunkDescription> simple = chunks.stream().filter(GoldenFilesTest::isSimple).toList();
      assertThat(simple)
          .containsExactlyElementsOf(expected.stream().filter(GoldenFilesTest::isSimple).toList());
      assertThat(codecs(simple)).isEqualTo(reader.describe().codecs());
    }
  }

  private static boolean isSimple(ChunkDescription chunk) {
    return chunk.type() == ChunkType.SIMPLE;
  }

  private static Map<Codec, Long> codecs(List<ChunkDescription> chunks) {
    Map<Codec, Long> codecs = new EnumMap<>(Codec.class);
    chunks.forEach(chunk -> codecs.merge(chunk.codec().orElseThrow(), 1L, Long::sum));
    return codecs;
  }

  private static Codec codec(String name) {
    return Codec.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static ChunkDescription description(OracleReader.Chunk chunk) {
    return new ChunkDescription(
        chunk.begin(),
        chunk.end(),
        ChunkType.of(chunk.type()),
        Optional.of(chunk.compression() == 'z' ? Codec.ZSTD : Codec.NONE),
        chunk.dialect().map(GoldenFilesTest::dialect),
        chunk.records(),
        chunk.dataSize(),
        chunk.decodedSize());
  }

  private static Dialect dialect(ZstdDialect dialect) {
    return switch (dialect) {
      case DISKY -> Dialect.DISKY;
      case RIEGELI -> Dialect.RIEGELI;
    };
  }

  @ParameterizedTest
  @MethodSource("forOracle")
  void continuedFilesKeepTheirRecords(GoldenManifest.Entry entry) throws IOException {
    for (Path golden : entry.files()) {
      for (Dialect dialect : Dialect.values()) {
        Path file = directory.resolve(golden.getFileName() + "." + dialect);
        List<byte[]> added = SampleRecords.ofSizes(0, 70_000, 1);
        byte[] before = Files.readAllBytes(golden);
        Files.write(file, before);

        append(file, dialect, added);

        byte[] after = Files.readAllBytes(file);
        assertThat(Arrays.mismatch(before, after)).isEqualTo(before.length);
        List<byte[]> expected =
            SampleRecords.concatenate(OracleReader.parse(before).records(), added);
        SampleRecords.assertSame(OracleReader.parse(after).records(), expected);
        SampleRecords.assertSame(ReadingWay.ITERATION.read(file), expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("beyondOracle")
  void filesOfEveryCodecAndTypeCanBeContinued(GoldenManifest.Entry entry) throws IOException {
    Path file = directory.resolve("continued");
    Files.copy(entry.location(), file);
    List<byte[]> added = SampleRecords.lines(10);

    append(file, Dialect.RIEGELI, added);

    List<byte[]> records = ReadingWay.NEXT_BATCH.read(file);
    int before = (int) entry.records();
    assertThat(RecordDigest.of(records.subList(0, before))).isEqualTo(entry.digest());
    SampleRecords.assertSame(records.subList(before, records.size()), added);
  }

  private static void append(Path file, Dialect dialect, List<byte[]> records) throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withOpenMode(OpenMode.APPEND).withDialect(dialect);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
  }

  @Test
  void recordsThatAreRecordFilesAreRecords() throws IOException {
    Path nested = GoldenManifest.entry("disky/nested.none.disky").location();

    for (byte[] record : ReadingWay.STREAM.read(nested)) {
      if (startsAsRecordFile(record)) {
        Path file = Files.write(directory.resolve(RecordDigest.of(List.of(record))), record);
        SampleRecords.assertSame(
            ReadingWay.ITERATION.read(file), OracleReader.parse(record).records());
      }
    }
    assertThat(directory).isNotEmptyDirectory();
  }

  private static boolean startsAsRecordFile(byte[] record) throws IOException {
    byte[] empty = Files.readAllBytes(GoldenManifest.entry("disky/empty.disky").location());
    return record.length >= empty.length && Arrays.equals(record, 0, 64, empty, 0, 64);
  }

  @ParameterizedTest
  @EnumSource
  void whatTheWriterMakesOfTheSameRecordsHasTheSameDigest(Dialect dialect) throws IOException {
    GoldenManifest.Entry entry = GoldenManifest.entry("disky/mixed.zstd.disky");
    Path file = directory.resolve("written");

    append(file, dialect, ReadingWay.NEXT_BATCH.read(entry.location()));

    assertThat(RecordDigest.of(ReadingWay.VISIT.read(file))).isEqualTo(entry.digest());
    assertThat(RecordDigest.of(OracleReader.read(file).records())).isEqualTo(entry.digest());
  }

  @Test
  void dialectsAndCodecsAreRecognised() throws IOException {
    assertThat(describe("disky/lines.zstd.disky").dialects()).containsExactly(Dialect.DISKY);
    assertThat(describe("riegeli/lines.zstd.riegeli").dialects()).containsExactly(Dialect.RIEGELI);
    assertThat(describe("disky/lines.none.disky").dialects()).isEmpty();
    assertThat(describe("disky/appended.disky").codecs()).containsOnlyKeys(Codec.NONE, Codec.ZSTD);
    assertThat(describe("disky/empty.disky").codecs()).isEmpty();
  }

  private static FileDescription describe(String path) throws IOException {
    try (RecordReader reader = RecordReader.open(GoldenManifest.entry(path).location())) {
      return reader.describe();
    }
  }
}

package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.FileDamage;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.SimpleChunkData;
import io.disky.oracle.TransposedChunkData;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The metadata of files: written, read, and read where they are none. */
class MetadataTest {
  private static final long POSITION = 64;

  /** What the whole of a JVM may take to describe hostile files, in bytes. */
  private static final long MODEST_MEMORY = 64L << 20;

  private static final List<byte[]> RECORDS = SampleRecords.lines(10);
  private static final RecordsMetadata EMPTY = RecordsMetadata.empty();
  private static final RecordsMetadata COMMENT = EMPTY.withFileComment("ten lines");

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static Optional<RecordsMetadata> metadata(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      return reader.metadata();
    }
  }

  private void write(WriterOptions options) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : RECORDS) {
        writer.write(record);
      }
    }
  }

  // Files of others

  static List<GoldenManifest.Entry> filesWithComment() {
    return RecordsMetadataTest.filesWithComment();
  }

  @ParameterizedTest
  @MethodSource("filesWithComment")
  void filesOfOthersWithComment(GoldenManifest.Entry golden) throws IOException {
    assertThat(metadata(golden.location()))
        .contains(EMPTY.withFileComment("golden lines " + golden.codec()));
  }

  @Test
  void filesOfOthersWithout() throws IOException {
    List<GoldenManifest.Entry> without =
        GoldenManifest.all().stream()
            .filter(it -> !it.isSharded() && !it.note().contains("metadata"))
            .toList();
    assertThat(without).hasSizeGreaterThan(30);
    for (GoldenManifest.Entry golden : without) {
      Optional<RecordsMetadata> found = metadata(golden.location());
      assertThat(found.flatMap(RecordsMetadata::fileComment)).as(golden.path()).isEmpty();
    }
  }

  // Our own

  static List<RecordsMetadata> descriptions() {
    return List.of(
        EMPTY,
        COMMENT,
        COMMENT
            .withRecordTypeName("disky.Line")
            .withRecordWriterOptions("zstd:3,transpose")
            .withNumRecords(3_000_000_000L)
            .withFileDescriptor(SampleRecords.random(3000))
            .withFileDescriptor(new byte[] {0x0a, 1, 'x'}),
        EMPTY.withFileComment("c".repeat(200_000)),
        RecordsMetadata.parse(new byte[] {(byte) 0xf8, 0x7f, 1}));
  }

  @ParameterizedTest
  @MethodSource("descriptions")
  void whatIsWrittenIsRead(RecordsMetadata description) throws IOException {
    for (WriterOptions layout : RoundTripTest.layouts()) {
      if (layout.dialect() != Dialect.RIEGELI) {
        continue;
      }
      for (boolean transpose : new boolean[] {false, true}) {
        Files.deleteIfExists(file);
        write(layout.withTranspose(transpose).withMetadata(description));

        assertThat(metadata(file)).as(layout.toString()).contains(description);
        assertThat(metadata(file).orElseThrow().toByteArray()).isEqualTo(description.toByteArray());
        SampleRecords.assertSame(ReadingWay.VISIT.read(file), RECORDS);
      }
    }
  }

  @Test
  void filesWithoutDescription() throws IOException {
    write(WriterOptions.defaults());
    assertThat(metadata(file)).isEmpty();
    write(WriterOptions.defaults().withDialect(Dialect.RIEGELI).withOpenMode(OpenMode.OVERWRITE));
    assertThat(metadata(file)).isEmpty();
    Files.write(file, new byte[0]);
    assertThat(metadata(file)).isEmpty();
    Files.write(file, RecordFileForge.withSignature().bytes());
    assertThat(metadata(file)).isEmpty();
  }

  /** A file that is continued keeps its own; one of 0 bytes is begun. */
  @Test
  void continuedFilesKeepTheirs() throws IOException {
    WriterOptions append =
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withOpenMode(OpenMode.APPEND);
    Files.write(file, new byte[0]);
    write(append.withMetadata(COMMENT));
    write(append.withMetadata(EMPTY.withFileComment("other")));
    assertThat(metadata(file)).contains(COMMENT);
    SampleRecords.assertSame(
        ReadingWay.VISIT.read(file), SampleRecords.concatenate(RECORDS, RECORDS));
  }

  @Test
  void readingGoesOnWhereItWas() throws IOException {
    write(
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withChunkSize(40)
            .withMetadata(COMMENT));
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      for (byte[] expected : RECORDS) {
        assertThat(reader.metadata()).contains(COMMENT);
        MemorySegment record = records.next();
        assertThat(reader.metadata()).contains(COMMENT);
        assertThat(record.toArray(JAVA_BYTE)).isEqualTo(expected);
      }
      assertThat(records.hasNext()).isFalse();
      assertThat(reader.metadata()).contains(COMMENT);
    }
  }

  @Test
  void closedReadersHaveNone() throws IOException {
    write(WriterOptions.defaults());
    RecordReader reader = RecordReader.open(file);
    reader.close();
    assertThatIllegalStateException().isThrownBy(reader::metadata);
  }

  // Garbage

  private static ForgedChunk chunk(byte[] data, long decodedSize) {
    return ForgedChunk.of(ChunkTypes.METADATA, data, 0, decodedSize);
  }

  private static ForgedChunk message(byte[] message) {
    return chunk(TransposedChunkData.ofRecords(List.of(message)), message.length);
  }

  private void put(ForgedChunk metadata) throws IOException {
    Files.deleteIfExists(file);
    Files.write(file, RecordFileForge.withSignature().chunk(metadata).simpleChunk(RECORDS).bytes());
  }

  private CorruptFileException corrupt() throws IOException {
    CorruptFileException[] thrown = new CorruptFileException[1];
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(reader::metadata)
          .withMessageContaining(file.toString())
          .withMessageContaining("byte 64: ")
          .satisfies(e -> assertThat(e.position()).isEqualTo(POSITION))
          .satisfies(e -> thrown[0] = e);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::describe);
    }
    return thrown[0];
  }

  private void assertRecordsAreReadable() throws IOException {
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), RECORDS);
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(RECORDS.size());
    }
  }

  @Test
  void forgedMetadataAreRead() throws IOException {
    put(message(COMMENT.toByteArray()));
    assertThat(metadata(file)).contains(COMMENT);
    put(message(new byte[0]));
    assertThat(metadata(file)).contains(EMPTY);
    assertRecordsAreReadable();
  }

  @Test
  void dataThatDoNotDecode() throws IOException {
    byte[] whole = TransposedChunkData.ofRecords(List.of(COMMENT.toByteArray()));
    int size = COMMENT.toByteArray().length;
    for (ForgedChunk garbage :
        List.of(
            chunk(new byte[0], 0),
            chunk(new byte[] {0, 9}, 5),
            chunk(FileDamage.truncate(whole, whole.length - 1), size),
            chunk(whole, size - 1),
            chunk(whole, size + 1),
            chunk(TransposedChunkData.ofRecords(RECORDS), 70),
            chunk(SimpleChunkData.uncompressed(RECORDS), 70))) {
      put(garbage);
      assertThat(corrupt().damage()).isEqualTo(Damage.TRANSPOSED_DATA);
      assertRecordsAreReadable();
    }
  }

  @Test
  void messagesThatAreNone() throws IOException {
    for (byte[] garbage :
        List.of(
            new byte[] {7},
            new byte[] {0x0a, 5, 'c'},
            new byte[] {0x0a, 1, (byte) 0xff},
            new byte[] {0x08, 1},
            SampleRecords.repetitive(1000))) {
      put(message(garbage));
      assertThat(corrupt().damage()).isEqualTo(Damage.TRANSPOSED_DATA);
      assertRecordsAreReadable();
    }
  }

  /** Records are reported as damaged too: a chunk that has not its hash is passed by no reader. */
  @Test
  void damagedData() throws IOException {
    put(message(COMMENT.toByteArray()).withWrongDataHash());
    assertThat(corrupt().damage()).isEqualTo(Damage.DATA_HASH);
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> ReadingWay.VISIT.read(file))
        .satisfies(e -> assertThat(e.position()).isEqualTo(POSITION));
  }

  @Test
  void sizesBeyondTheLimit() throws IOException {
    byte[] data = TransposedChunkData.ofRecords(List.of(COMMENT.toByteArray()));
    for (long size :
        new long[] {(64L << 20) + 1, 2L << 30, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      put(chunk(data, size));
      try (RecordReader reader = RecordReader.open(file)) {
        assertThatExceptionOfType(ChunkTooLargeException.class)
            .isThrownBy(reader::metadata)
            .withMessageContaining(file.toString())
            .satisfies(e -> assertThat(e.position()).isEqualTo(POSITION));
      }
      assertRecordsAreReadable();
    }
  }

  /** Within the limit, but more than so few bytes can hold. */
  @Test
  void sizesThatTheDataCannotHave() throws IOException {
    byte[] data = TransposedChunkData.ofRecords(List.of(COMMENT.toByteArray()));
    put(chunk(data, 64L << 20));
    assertThat(corrupt().damage()).isEqualTo(Damage.TRANSPOSED_DATA);
    assertRecordsAreReadable();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void metadataThatClaimMuchCostLittleMemory() throws Exception {
    byte[] data = TransposedChunkData.ofRecords(List.of(COMMENT.toByteArray()));
    long[] sizes = {COMMENT.toByteArray().length + 1, 30L << 20, 64L << 20, 2L << 30, -1};
    for (int i = 0; i < sizes.length; i++) {
      put(chunk(data, sizes[i]));
      Files.move(file, directory.resolve(Integer.toString(i)));
    }

    String output =
        RecordFileProcess.withOptions("-Xmx32m", "-XX:MaxDirectMemorySize=16m", "-XX:+UseSerialGC")
            .run("describe-all", directory);

    List<String> lines = output.lines().toList();
    assertThat(lines.subList(0, lines.size() - 1))
        .containsExactly(
            "0 CorruptFileException",
            "1 CorruptFileException",
            "2 CorruptFileException",
            "3 ChunkTooLargeException",
            "4 ChunkTooLargeException");
    long memory = Long.parseLong(lines.getLast().replace("memory ", ""));
    assertThat(memory).isLessThan(MODEST_MEMORY);
  }
}

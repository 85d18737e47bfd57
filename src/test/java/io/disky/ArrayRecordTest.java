package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.damage.FileDamage;
import io.disky.lifetime.GarbageCollection;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordDigest;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import io.disky.testing.WritingWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the container ARRAY_RECORD: their groups, their index, and what they refuse. */
class ArrayRecordTest {
  private static final int BLOCK = 1 << 16;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static WriterOptions groupsOf(int records) {
    return WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(records);
  }

  private void write(WriterOptions options, List<byte[]> records) throws IOException {
    Files.deleteIfExists(file);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
  }

  private List<ChunkDescription> chunks() throws IOException {
    List<ChunkDescription> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunks::add);
    }
    return chunks;
  }

  /** How many records each chunk of the user's has. */
  private List<Long> groups() throws IOException {
    return chunks().stream()
        .filter(chunk -> chunk.type().holdsRecords())
        .map(ChunkDescription::recordCount)
        .toList();
  }

  private static List<Long> expectedGroups(int groupSize, int records) {
    List<Long> groups = new ArrayList<>();
    for (long left = records; left > 0; left -= groupSize) {
      groups.add(Math.min(left, groupSize));
    }
    return groups;
  }

  private void assertFile(List<byte[]> records) throws IOException {
    assertThat(Files.size(file) % BLOCK).isZero();
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(records.size());
    }
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), records);
    }
  }

  // Groups

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 1000, Integer.MAX_VALUE})
  void groupsHaveExactlyTheirSizeButTheLast(int groupSize) throws IOException {
    for (int count : new int[] {0, 1, 2, 3, 6, 7, 8, 63, 64, 65, 200}) {
      List<byte[]> records = SampleRecords.lines(count);
      write(groupsOf(groupSize), records);

      assertThat(groups()).isEqualTo(expectedGroups(groupSize, count));
      assertThat(chunks())
          .extracting(ChunkDescription::type)
          .startsWith(ChunkType.SIGNATURE)
          .containsOnlyOnce(ChunkType.FOOTER, ChunkType.POSTSCRIPT);
      assertThat(Files.size(file) % BLOCK).isZero();
      SampleRecords.assertSame(ReadingWay.ITERATION.read(file), records);
    }
  }

  /** Neither by their number nor by their bytes does the chunk size end a group. */
  @ParameterizedTest
  @ValueSource(longs = {1, 100, 1 << 16})
  void chunkSizeEndsNoGroup(long chunkSize) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(0, 5 << 20, 1, 0, 300, 70_000, 3 << 20);
    write(groupsOf(3).withChunkSize(chunkSize), records);

    assertThat(groups()).containsExactly(3L, 3L, 1L);
    assertFile(records);
  }

  @ParameterizedTest
  @EnumSource
  void groupsAreExactInEachWayOfWriting(WritingWay way) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(5, 0, 1000, 70_000, 3, 3, 0, 200_000, 1, 1, 1);
    try (RecordWriter writer = RecordWriter.open(file, groupsOf(4))) {
      for (byte[] record : records) {
        way.write(writer, record);
      }
    }
    assertThat(groups()).containsExactly(4L, 4L, 3L);
    assertFile(records);
  }

  static Stream<WriterOptions> layouts() {
    return RoundTripTest.fastLayouts()
        .filter(options -> options.dialect() == Dialect.RIEGELI)
        .flatMap(options -> Stream.of(options, options.withTranspose(true)))
        .map(options -> options.withContainer(Container.ARRAY_RECORD).withGroupSize(5));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void everyCodecAndTypeOfChunk(WriterOptions layout) throws IOException {
    Random random = new Random(7);
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 33; i++) {
      records.add(SampleRecords.random(random, random.nextInt(20_000)));
    }
    write(layout, records);

    assertThat(groups()).isEqualTo(expectedGroups(5, 33));
    assertFile(records);
    if (layout.transpose()) {
      assertThat(chunks()).extracting(ChunkDescription::type).contains(ChunkType.TRANSPOSED);
    }
  }

  @Test
  void emptyRecords() throws IOException {
    List<byte[]> records = Collections.nCopies(150_001, new byte[0]);
    write(groupsOf(50_000), records);

    assertThat(groups()).containsExactly(50_000L, 50_000L, 50_000L, 1L);
    assertFile(records);
  }

  // Slots

  @Test
  void slotsThatFailLeaveTheGroupAsItWas() throws IOException {
    List<byte[]> records = SampleRecords.lines(7);
    try (RecordWriter writer = RecordWriter.open(file, groupsOf(3))) {
      for (byte[] record : records) {
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() ->
                writer.write(
                    100,
                    slot -> {
                      slot.fill((byte) 1);
                      throw new IOException("no record");
                    }))
            .withMessage("no record");
        assertThatIllegalArgumentException().isThrownBy(() -> writer.write(5, slot -> 6));
        WritingWay.IN_PLACE.write(writer, record);
      }
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() ->
              writer.write(
                  1,
                  slot -> {
                    throw new IOException("no record");
                  }));
    }
    assertThat(groups()).containsExactly(3L, 3L, 1L);
    assertFile(records);
  }

  /** A slot that begins when the group is full belongs to the next one. */
  @Test
  void slotsAreZeroAfterAGroup() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, groupsOf(1))) {
      writer.write(SampleRecords.random(1000));
      writer.write(
          1000,
          slot -> {
            assertThat(slot.toArray(JAVA_BYTE)).containsOnly(0);
            return 1000;
          });
      writer.write(
          2000,
          slot -> {
            assertThat(slot.toArray(JAVA_BYTE)).containsOnly(0);
            return 1;
          });
    }
    assertFile(List.of(SampleRecords.random(1000), new byte[1000], new byte[1]));
  }

  // Flushes

  @ParameterizedTest
  @EnumSource
  void flushInsideAGroupIsRefused(FlushMode mode) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, groupsOf(3))) {
      writer.write(new byte[1]);
      writer.write(new byte[2]);
      long size = writer.fileSize();
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.flush(mode))
          .withMessageContaining(file.toString())
          .withMessageContaining("after 2 of its records")
          .withMessageContaining("the same size");
      assertThat(writer.fileSize()).isEqualTo(size);
      writer.write(new byte[3]);
      writer.flush(mode);
      writer.write(new byte[4]);
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.flush(mode))
          .withMessageContaining("after 1 of its records");
    }
    assertThat(groups()).containsExactly(3L, 1L);
    assertFile(List.of(new byte[1], new byte[2], new byte[3], new byte[4]));
  }

  @ParameterizedTest
  @EnumSource
  void flushAtTheEndOfAGroupShowsIt(FlushMode mode) throws IOException {
    List<byte[]> records = SampleRecords.lines(6);
    try (RecordWriter writer = RecordWriter.open(file, groupsOf(2))) {
      writer.flush(mode);
      for (int i = 0; i < records.size(); i++) {
        writer.write(records.get(i));
        if (i % 2 == 1) {
          writer.flush(mode);
          writer.flush(mode);
          SampleRecords.assertSame(ReadingWay.VISIT.read(file), records.subList(0, i + 1));
        }
      }
    }
    assertThat(groups()).containsExactly(2L, 2L, 2L);
    assertFile(records);
  }

  // What is refused

  private void assertRefused(WriterOptions options, String... parts) throws IOException {
    byte[] before = Files.exists(file) ? Files.readAllBytes(file) : null;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordWriter.open(file, options))
        .withMessageContainingAll(parts);
    if (before == null) {
      assertThat(file).doesNotExist();
    } else {
      assertThat(file).hasBinaryContent(before);
    }
  }

  @Test
  void dialectDiskyIsRefused() throws IOException {
    assertRefused(groupsOf(1).withDialect(Dialect.DISKY), "ArrayRecord", "DISKY", "choose RIEGELI");
    Files.write(file, new byte[10]);
    assertRefused(
        groupsOf(1).withDialect(Dialect.DISKY).withOpenMode(OpenMode.OVERWRITE), "RIEGELI");
  }

  @Test
  void appendingIsRefused() throws IOException {
    WriterOptions append = groupsOf(1).withOpenMode(OpenMode.APPEND);
    String[] parts = {"ArrayRecord", "cannot be continued", "write a new file"};
    assertRefused(append, parts);
    Files.write(file, new byte[0]);
    assertRefused(append, parts);
    RecordWriter.open(file, WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE)).close();
    assertRefused(append, parts);
  }

  @Test
  void existingArrayRecordsAreNotContinued() throws IOException {
    for (GoldenManifest.Entry golden : GoldenManifest.arrayRecords()) {
      Files.deleteIfExists(file);
      Files.copy(golden.location(), file);
      for (WriterOptions options : RoundTripTest.layouts()) {
        assertRefused(
            options.withOpenMode(OpenMode.APPEND),
            file.toString(),
            "ArrayRecord",
            "cannot be continued",
            "write a new file");
      }
    }
    write(groupsOf(2), SampleRecords.lines(5));
    assertRefused(WriterOptions.defaults().withOpenMode(OpenMode.APPEND), "ArrayRecord");
    assertFile(SampleRecords.lines(5));
  }

  @Test
  void existingArrayRecordsAreOverwritten() throws IOException {
    write(groupsOf(2), SampleRecords.lines(50_000));
    WriterOptions overwrite = groupsOf(3).withOpenMode(OpenMode.OVERWRITE);
    try (RecordWriter writer = RecordWriter.open(file, overwrite)) {
      writer.write(new byte[5]);
    }
    assertThat(groups()).containsExactly(1L);
    assertFile(List.of(new byte[5]));
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 4096, 65_535, 65_537, 131_072})
  void otherPaddingIsRefused(long padding) throws IOException {
    assertRefused(
        groupsOf(1).withFinalPadding(padding), "ArrayRecord", "65536", Long.toString(padding));
    assertRefused(groupsOf(1).withPadding(padding), "65536");
  }

  /** As Google's {@code pad_to_block_boundary}: each chunk begins a block. */
  @Test
  void paddingToBlocksIsOfEachGroup() throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(10, 100, 70_000, 0, 3);
    write(groupsOf(2).withPadding(BLOCK), records);

    assertThat(chunks().stream().filter(chunk -> chunk.type().holdsRecords()).skip(1))
        .hasSize(2)
        .allSatisfy(chunk -> assertThat(chunk.begin() % BLOCK).isZero());
    assertThat(groups()).containsExactly(2L, 2L, 1L);
    assertFile(records);
  }

  // Descriptions

  @Test
  void footerAndPostscriptAreNoChunksOfRecords() throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(1, 10, 100, 1000, 0);
    write(groupsOf(2), records);

    FileDescription description;
    try (RecordReader reader = RecordReader.open(file)) {
      description = reader.describe();
    }
    assertThat(description.container()).isEqualTo(Container.ARRAY_RECORD);
    assertThat(description.chunks())
        .containsEntry(ChunkType.SIMPLE, 3L)
        .containsEntry(ChunkType.FOOTER, 1L)
        .containsEntry(ChunkType.POSTSCRIPT, 1L);
    assertThat(description.recordChunks()).isEqualTo(3);
    assertThat(description.recordCount()).isEqualTo(5);
    assertThat(description.recordBytes()).isEqualTo(1111);
    assertThat(description.recordSizes().count()).isEqualTo(5);
    assertThat(description.recordSizes().largest()).isEqualTo(1000);
    assertThat(description.chunkSizes().count()).isEqualTo(3);
    assertThat(description.dialects()).containsExactly(Dialect.RIEGELI);

    List<ChunkDescription> chunks = chunks();
    assertThat(chunks)
        .filteredOn(chunk -> chunk.type() == ChunkType.POSTSCRIPT)
        .singleElement()
        .satisfies(it -> assertThat(it.begin()).isEqualTo(Files.size(file) - BLOCK))
        .satisfies(it -> assertThat(it.recordBytes()).isZero());
    assertThat(chunks)
        .filteredOn(chunk -> chunk.type() == ChunkType.FOOTER)
        .singleElement()
        .satisfies(it -> assertThat(it.recordBytes()).isZero());
  }

  @Test
  void metadataAreThoseOfTheUser() throws IOException {
    RecordsMetadata metadata = RecordsMetadata.empty().withFileComment("cats").withNumRecords(3);
    write(groupsOf(2).withMetadata(metadata), SampleRecords.lines(3));

    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.metadata()).contains(metadata);
    }
    assertThat(groups()).containsExactly(2L, 1L);
    assertFile(SampleRecords.lines(3));
  }

  // Ends that are missing

  private static void writeAndForget(Path file, List<byte[]> records) throws IOException {
    RecordWriter writer = RecordWriter.open(file, groupsOf(3));
    for (byte[] record : records) {
      writer.write(record);
    }
  }

  @Test
  void groupsOfAForgottenWriterAreReadable() throws Exception {
    List<byte[]> records = SampleRecords.lines(8);
    try (LogCapture log = new LogCapture()) {
      writeAndForget(file, records);
      assertThat(GarbageCollection.leadsTo(() -> !log.messages(file.toString()).isEmpty()))
          .isTrue();

      for (ReadingWay way : ReadingWay.values()) {
        SampleRecords.assertSame(way.read(file), records.subList(0, 6));
      }
      assertThat(chunks())
          .extracting(ChunkDescription::type)
          .containsExactly(ChunkType.SIGNATURE, ChunkType.SIMPLE, ChunkType.SIMPLE);
      assertThat(log.messages(file.toString())).as("that it was forgotten").hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#arrayRecords")
  void footersAreKnownWithoutAPostscript(GoldenManifest.Entry golden) throws IOException {
    byte[] content = Files.readAllBytes(golden.location());
    Files.write(file, FileDamage.truncate(content, content.length - BLOCK));

    try (LogCapture log = new LogCapture()) {
      for (ReadingWay way : ReadingWay.values()) {
        assertThat(RecordDigest.of(way.read(file))).as(way.name()).isEqualTo(golden.digest());
      }
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.recordCount()).isEqualTo(golden.records());
        FileDescription description = reader.describe();
        assertThat(description.recordCount()).isEqualTo(golden.records());
        assertThat(description.container()).isEqualTo(Container.ARRAY_RECORD);
        assertThat(description.chunks())
            .containsEntry(ChunkType.FOOTER, 1L)
            .doesNotContainKey(ChunkType.POSTSCRIPT);
      }
      assertThat(log.messages(file.toString())).isEmpty();
    }
  }

  @Test
  void filesWithoutFooterAreThoseOfTheirGroups() throws IOException {
    List<byte[]> records = SampleRecords.lines(100);
    write(groupsOf(10), records);
    byte[] content = Files.readAllBytes(file);
    List<ChunkDescription> chunks = chunks();
    ChunkDescription footer =
        chunks.stream().filter(it -> it.type() == ChunkType.FOOTER).findFirst().orElseThrow();
    Files.write(file, FileDamage.truncate(content, footer.begin()));

    try (LogCapture log = new LogCapture();
        RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(100);
      assertThat(reader.describe().container()).isEqualTo(Container.RECORDS);
      SampleRecords.assertSame(ReadingWay.BATCHES.read(file), records);
      assertThat(log.messages(file.toString())).isEmpty();
    }
  }
}

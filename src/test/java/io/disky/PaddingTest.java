package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.OracleReader;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files filled up to a multiple, and what that is good for. */
class PaddingTest {
  private static final int BLOCK = 1 << 16;
  private static final WriterOptions RIEGELI =
      WriterOptions.defaults().withDialect(Dialect.RIEGELI).withOpenMode(OpenMode.APPEND);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private void write(WriterOptions options, List<byte[]> records) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
  }

  /** By the engine in each way, and by an independent reader. */
  private void assertRecords(List<byte[]> records) throws IOException {
    SampleRecords.assertSame(OracleReader.read(file).records(), records);
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), records);
    }
  }

  /** Sizes of random records that end the file anywhere around the end of a block. */
  private static List<Integer> sizesAroundABlock() {
    List<Integer> sizes = new ArrayList<>(List.of(0, 1, 1000, 200_000));
    for (int size = BLOCK - 300; size < BLOCK + 20; size += 3) {
      sizes.add(size);
    }
    return sizes;
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 7, 64, 1000, 4096, BLOCK, 3 * BLOCK, 100_000})
  void filesEndAtAMultiple(long padding) throws IOException {
    WriterOptions options = RIEGELI.withCompression(Compression.none()).withFinalPadding(padding);
    for (int size : sizesAroundABlock()) {
      Files.deleteIfExists(file);
      List<byte[]> records = List.of(SampleRecords.random(size));
      write(options, records);
      long least = OracleReader.read(file).chunks().get(1).end();

      assertThat(Files.size(file) % padding).as("%d bytes", size).isZero();
      assertThat(Files.size(file)).isBetween(least, least + padding + 128);
      SampleRecords.assertSame(OracleReader.read(file).records(), records);
      SampleRecords.assertSame(ReadingWay.ITERATION.read(file), records);
    }
  }

  @ParameterizedTest
  @EnumSource
  void flushesPad(FlushMode mode) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(10, 70_000, 0, 3000);
    try (RecordWriter writer = RecordWriter.open(file, RIEGELI.withFinalPadding(4096))) {
      for (byte[] record : records) {
        writer.write(record);
        writer.flush(mode);
        long size = writer.fileSize();
        assertThat(size % 4096).isZero();
        assertThat(Files.size(file)).isEqualTo(size);
        writer.flush(mode);
        assertThat(writer.fileSize()).as("nothing left to pad").isEqualTo(size);
      }
    }
    assertThat(Files.size(file) % 4096).isZero();
    assertRecords(records);
  }

  @Test
  void noPaddingIsNone() throws IOException {
    for (WriterOptions options : List.of(RIEGELI, RIEGELI.withPadding(1))) {
      Files.deleteIfExists(file);
      write(options, SampleRecords.lines(5));
      assertThat(OracleReader.read(file).chunks()).hasSize(2);
    }
  }

  @Test
  void filesWithoutRecordsArePaddedToo() throws IOException {
    write(RIEGELI.withFinalPadding(BLOCK), List.of());
    assertThat(Files.size(file)).isEqualTo(BLOCK);
    assertRecords(List.of());
  }

  /** With all that a file can begin and end with. */
  @Test
  void concatenatedFilesAreReadThrough() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Files.deleteIfExists(file);
      List<byte[]> part = SampleRecords.ofSizes(i, 30_000 * i, 100_000, 0);
      write(
          RIEGELI
              .withPadding(BLOCK)
              .withMetadata(RecordsMetadata.empty().withFileComment("part " + i)),
          part);
      assertThat(Files.size(file) % BLOCK).isZero();
      all.writeBytes(Files.readAllBytes(file));
      records.addAll(part);
    }
    Files.write(file, all.toByteArray());

    assertRecords(records);
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(records.size());
      assertThat(reader.metadata()).contains(RecordsMetadata.empty().withFileComment("part 0"));
      assertThat(reader.describe().chunks()).containsEntry(ChunkType.SIGNATURE, 4L);
    }
  }

  @Test
  void initialPaddingIsBeforeWhatIsAdded() throws IOException {
    write(RIEGELI, SampleRecords.lines(5));
    byte[] before = Files.readAllBytes(file);
    write(RIEGELI.withInitialPadding(BLOCK), SampleRecords.lines(7));

    List<OracleReader.Chunk> chunks = OracleReader.read(file).chunks();
    assertThat(chunks).hasSize(4);
    assertThat(chunks.get(2).type()).isEqualTo('p');
    assertThat(chunks.get(3).begin()).isEqualTo(BLOCK);
    assertThat(Files.readAllBytes(file)).startsWith(before);
    assertRecords(SampleRecords.concatenate(SampleRecords.lines(5), SampleRecords.lines(7)));
  }

  /** New files have nothing to be padded, and those that end at a multiple neither. */
  @Test
  void initialPaddingIsOnlyWhereItIsNeeded() throws IOException {
    write(RIEGELI.withInitialPadding(BLOCK), SampleRecords.lines(5));
    assertThat(OracleReader.read(file).chunks()).hasSize(2);
    write(RIEGELI.withPadding(BLOCK), SampleRecords.lines(5));
    int chunks = OracleReader.read(file).chunks().size();
    write(RIEGELI.withInitialPadding(BLOCK), SampleRecords.lines(5));
    assertThat(OracleReader.read(file).chunks()).hasSize(chunks + 1);
    assertThat(OracleReader.read(file).records()).hasSize(15);
  }

  /** So that a reader of the file sees no half of it: paddings are chunks like others. */
  @Test
  void paddedFilesCanBeContinuedInTheOtherDialect() throws IOException {
    write(RIEGELI.withPadding(100_000), SampleRecords.lines(5));
    write(RIEGELI.withDialect(Dialect.DISKY), SampleRecords.lines(5));
    assertRecords(SampleRecords.concatenate(SampleRecords.lines(5), SampleRecords.lines(5)));
  }
}

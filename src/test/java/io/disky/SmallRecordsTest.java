package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small arrays, which a writer first collects apart from its chunk: nothing shows that, whatever
 * other calls come between.
 */
class SmallRecordsTest {
  private static final int RECORDS = 60_000;

  @TempDir private Path directory;

  /** Writes one record. */
  private interface Way {
    void write(RecordWriter writer, byte[] record) throws IOException;
  }

  static Stream<WriterOptions> options() {
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    WriterOptions arrayRecord = options.withContainer(Container.ARRAY_RECORD);
    return Stream.of(
        options,
        options.withParallelism(2),
        options.withChunkSize(100),
        options.withChunkSize(12_000),
        options.withChunkSize(70_001),
        arrayRecord.withGroupSize(1),
        arrayRecord.withGroupSize(300),
        arrayRecord.withGroupSize(5_000));
  }

  private static byte[] record(Random random, int index) {
    int size =
        index % 1_000 == 0 ? random.nextInt(20_000) : random.nextInt(index % 10 == 0 ? 400 : 70);
    byte[] record = new byte[size];
    random.nextBytes(record);
    return record;
  }

  private Path write(String name, WriterOptions options, Way way) throws IOException {
    Path file = directory.resolve(name);
    Random random = new Random(7);
    long bytes = 0;
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < RECORDS; i++) {
        byte[] record = record(random, i);
        way.write(writer, record);
        bytes += record.length;
        assertThat(writer.recordCount()).isEqualTo(i + 1);
        assertThat(writer.recordBytes()).isEqualTo(bytes);
      }
    }
    return file;
  }

  @ParameterizedTest
  @MethodSource("options")
  void theFileIsTheSame(WriterOptions options) throws IOException {
    Path expected =
        write("segments", options, (writer, record) -> writer.write(MemorySegment.ofArray(record)));
    assertThat(write("arrays", options, RecordWriter::write)).hasSameBinaryContentAs(expected);
    Random random = new Random(3);
    assertThat(write("mixed", options, (writer, record) -> writeSomehow(writer, record, random)))
        .hasSameBinaryContentAs(expected);
  }

  private static void writeSomehow(RecordWriter writer, byte[] record, Random random)
      throws IOException {
    switch (random.nextInt(12)) {
      case 0 -> writer.write(MemorySegment.ofArray(record));
      case 1 ->
          writer.write(
              record.length + 5L,
              slot -> {
                assertThat(slot.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
                slot.copyFrom(MemorySegment.ofArray(record));
                return record.length;
              });
      default -> writer.write(record);
    }
  }

  /** The position is that of the record that was written last. */
  @Test
  void positions() throws IOException {
    Path file = directory.resolve("file");
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < 1_000; i++) {
        writer.write(new byte[] {(byte) i});
      }
      assertThat(writer.lastPosition().recordIndex()).isEqualTo(999);
      writer.write(new byte[] {1});
      writer.flush();
      assertThat(readCount(file)).isEqualTo(1_001);
      writer.write(new byte[] {1});
      assertThat(writer.lastPosition().recordIndex()).isZero();
    }
    assertThat(readCount(file)).isEqualTo(1_002);
  }

  /** A record that fails leaves the records before it. */
  @Test
  void aSlotThatThrows() throws IOException {
    Path file = directory.resolve("file");
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < 500; i++) {
        writer.write(new byte[40]);
        try {
          writer.write(
              10,
              slot -> {
                throw new IOException("on purpose");
              });
        } catch (IOException e) {
          assertThat(e).hasMessage("on purpose");
        }
      }
      assertThat(writer.recordCount()).isEqualTo(500);
    }
    assertThat(readCount(file)).isEqualTo(500);
  }

  @Test
  void discardedRecordsAreNotWritten() throws IOException {
    Path file = directory.resolve("file");
    RecordWriter writer = RecordWriter.open(file);
    for (int i = 0; i < 100; i++) {
      writer.write(new byte[40]);
    }
    writer.discard();
    assertThat(readCount(file)).isZero();
    assertThat(Files.size(file)).isPositive();
  }

  private static long readCount(Path file) throws IOException {
    return Records.recordCount(List.of(file));
  }
}

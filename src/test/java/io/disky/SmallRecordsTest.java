package io.disky;

import static java.lang.foreign.MemorySegment.ofArray;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small arrays and segments, which a writer first collects apart from its chunk: nothing shows
 * that, whatever other calls come between.
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
    Path expected = write("slots", options, (writer, record) -> build(writer, record, 0));
    assertThat(write("arrays", options, RecordWriter::write)).hasSameBinaryContentAs(expected);
    assertThat(write("heap", options, (writer, record) -> writer.write(ofArray(record))))
        .hasSameBinaryContentAs(expected);
    assertThat(writeFromOneSegment(options)).hasSameBinaryContentAs(expected);
    Random random = new Random(3);
    assertThat(write("mixed", options, (writer, record) -> writeSomehow(writer, record, random)))
        .hasSameBinaryContentAs(expected);
  }

  private static void writeSomehow(RecordWriter writer, byte[] record, Random random)
      throws IOException {
    switch (random.nextInt(12)) {
      case 0 -> writer.write(ofArray(record));
      case 1 -> build(writer, record, 5);
      default -> writer.write(record);
    }
  }

  private static void build(RecordWriter writer, byte[] record, int unused) throws IOException {
    MemorySegment zeros = ofArray(new byte[record.length + unused]);
    writer.write(
        zeros.byteSize(),
        slot -> {
          assertThat(slot.mismatch(zeros)).isEqualTo(-1);
          slot.fill((byte) 0x55);
          slot.asSlice(0, record.length).copyFrom(ofArray(record));
          return record.length;
        });
  }

  /** Each record overwrites the memory of the one before it. */
  private Path writeFromOneSegment(WriterOptions options) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(20_000);
      return write(
          "native",
          options,
          (writer, record) -> {
            MemorySegment segment = memory.asSlice(memory.byteSize() - record.length);
            writer.write(segment.copyFrom(ofArray(record)));
          });
    }
  }

  /** A segment that cannot be read is refused; the records before and after it are written. */
  @ParameterizedTest
  @ValueSource(ints = {1, 40, 100, 500})
  void segmentsThatCannotBeRead(int size) throws Exception {
    Path file = directory.resolve("file");
    int records = 10_000 / size + 300;
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocate(size);
    }
    try (WorkerThread other = new WorkerThread();
        Arena arena = Arena.ofConfined();
        RecordWriter writer = RecordWriter.open(file)) {
      Arena otherArena = other.call(Arena::ofConfined);
      MemorySegment foreign = other.call(() -> otherArena.allocate(size));
      for (int i = 0; i < records; i++) {
        writer.write(arena.allocate(size).fill((byte) i));
        assertThatIllegalStateException().isThrownBy(() -> writer.write(closed));
        assertThatExceptionOfType(WrongThreadException.class)
            .isThrownBy(() -> writer.write(foreign));
        assertThat(writer.recordCount()).isEqualTo(i + 1);
      }
      other.run(otherArena::close);
    }
    List<byte[]> found = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEach(record -> found.add(record.toArray(ValueLayout.JAVA_BYTE)));
    }
    assertThat(found).hasSize(records);
    for (int i = 0; i < records; i++) {
      assertThat(found.get(i)).hasSize(size).containsOnly((byte) i);
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

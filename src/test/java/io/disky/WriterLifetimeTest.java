package io.disky;

import static io.disky.lifetime.LifetimeAssert.descriptors;
import static io.disky.testing.NumberedRecords.assertRest;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The end of a writer, and of the segments that it is given. */
class WriterLifetimeTest {
  private static final WriterOptions APPEND =
      WriterOptions.defaults().withOpenMode(OpenMode.APPEND);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("file");
  }

  @Test
  void refusesEverythingOnceClosed() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    writer.write(record(0));
    writer.close();
    long size = Files.size(file);

    for (ThrowingCallable use : uses(writer)) {
      assertThatIllegalStateException().isThrownBy(use);
    }
    assertThat(writer.fileSize()).isEqualTo(Files.size(file));
    assertThat(writer.isOpen()).isFalse();
    assertThat(writer.recordCount()).isEqualTo(1);
    assertThat(writer.recordBytes()).isEqualTo(record(0).length);
    assertThat(writer.path()).contains(file);
    assertThat(file).hasSize(size);
  }

  @Test
  void textSaysWhatIsWritten() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    assertThat(writer).hasToString("RecordWriter[" + file + ", open, records=0, bytes=0]");
    writer.write(new byte[3]);
    writer.write(new byte[4]);
    assertThat(writer).hasToString("RecordWriter[" + file + ", open, records=2, bytes=7]");
    writer.close();
    assertThat(writer).hasToString("RecordWriter[" + file + ", closed, records=2, bytes=7]");
  }

  @Test
  void closingTwiceDoesNothing() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    writer.write(record(0));
    writer.close();
    writer.close();
    try (RecordWriter next = RecordWriter.open(file, APPEND)) {
      writer.close();
      next.write(record(1));
    }
    assertRecords(2);
  }

  @Test
  void closingUnlocksTheFile() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> RecordWriter.open(file, APPEND));
      writer.write(record(0));
    }
    try (RecordWriter writer = RecordWriter.open(file, APPEND)) {
      writer.write(record(1));
    }
    assertRecords(2);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void holdsOneDescriptorUntilItIsClosed() throws IOException {
    for (int i = 0; i < 3; i++) {
      RecordWriter writer = RecordWriter.open(file, APPEND);
      assertThat(descriptors(file)).isEqualTo(1);
      writer.write(record(i));
      writer.flush(FlushMode.SYNC);
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> RecordWriter.open(file, APPEND));
      assertThat(descriptors(file)).isEqualTo(1);
      writer.close();
      assertThat(descriptors(file)).isZero();
    }
    assertRecords(3);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void holdsNoDescriptorOfAFileThatItCannotAppendTo() throws IOException {
    Files.writeString(file, "no record file");
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RecordWriter.open(file, APPEND));
    assertThat(descriptors(file)).isZero();
    assertThat(file).hasContent("no record file");
  }

  @Test
  void segmentWhoseArenaIsClosed() throws IOException {
    refuses(IllegalStateException.class, ended());
  }

  @Test
  void recordOfABatchThatIsClosed() throws IOException {
    Path source = NumberedRecords.write(directory.resolve("source"), Compression.none(), 2, 2);
    try (RecordReader reader = RecordReader.open(source)) {
      RecordBatch batch = reader.nextBatch();
      MemorySegment record = batch.get(0);
      batch.close();
      refuses(IllegalStateException.class, record);
    }
  }

  @Test
  void segmentOfAnotherThread() throws Exception {
    try (WorkerThread other = new WorkerThread()) {
      Arena arena = other.call(Arena::ofConfined);
      MemorySegment segment = other.call(() -> arena.allocate(100));
      refuses(WrongThreadException.class, segment);
      other.run(arena::close);
    }
  }

  private void refuses(Class<? extends Exception> type, MemorySegment segment) throws IOException {
    WriterOptions options = WriterOptions.defaults().withChunkSize(200);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> writer.write(segment)).isInstanceOf(type);
        assertThat(writer.recordCount()).isEqualTo(i);
        ByteBuffer buffer = segment.asByteBuffer();
        assertThatThrownBy(() -> writer.write(buffer)).isInstanceOf(type);
        assertThat(buffer.position()).isZero();
        assertThat(writer.recordCount()).isEqualTo(i);
        writer.write(record(i));
      }
    }
    assertRecords(20);
  }

  @Test
  void refusedSegmentLeavesNoTraceInTheFile() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      MemorySegment ended = ended();
      long size = writer.fileSize();
      assertThatIllegalStateException().isThrownBy(() -> writer.write(ended));
      assertThat(writer.fileSize()).isEqualTo(size);
      assertThat(writer.recordBytes()).isZero();
      writer.flush();
      assertThat(writer.fileSize()).isEqualTo(size);
    }
    assertRecords(0);
  }

  @Test
  void segmentMayEndAfterTheCall() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < 50; i++) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment segment = arena.allocate(record(i).length);
          writer.write(segment.copyFrom(MemorySegment.ofArray(record(i))));
          segment.fill((byte) -1);
        }
      }
    }
    assertRecords(50);
  }

  @Test
  void recordsOfAReaderGoStraightIntoAWriter() throws IOException {
    Path source = NumberedRecords.write(directory.resolve("source"), Compression.zstd(), 5, 10);
    try (RecordReader reader = RecordReader.open(source);
        RecordWriter writer = RecordWriter.open(file)) {
      reader.visit(writer::write);
    }
    assertRecords(50);
  }

  private static MemorySegment ended() {
    try (Arena arena = Arena.ofConfined()) {
      return arena.allocate(100);
    }
  }

  private void assertRecords(int count) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertRest(reader, 0, count - 1);
    }
  }

  private static List<ThrowingCallable> uses(RecordWriter writer) {
    byte[] record = {1};
    return List.of(
        () -> writer.write(record),
        () -> writer.write(record, 0, 1),
        () -> writer.write(ByteBuffer.wrap(record)),
        () -> writer.write(MemorySegment.ofArray(record)),
        () -> writer.write(1, slot -> 1),
        writer::flush,
        () -> writer.flush(FlushMode.SYNC));
  }
}

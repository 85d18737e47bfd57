package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@link ReaderOptions#withProgressListener}, on a file of several of the engine's steps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProgressListenerTest {
  private static final long STEP = 64 << 20;

  private Path file;
  private long size;
  private final List<Long> reported = new ArrayList<>();

  @BeforeAll
  void writeAFile(@TempDir Path directory) throws IOException {
    file = directory.resolve("large");
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(8 << 20);
    try (Arena arena = Arena.ofConfined();
        RecordWriter writer = RecordWriter.open(file, options)) {
      var record = arena.allocate((8 << 20) - 8);
      for (int i = 0; i < 20; i++) {
        writer.write(record);
      }
    }
    size = Files.size(file);
    assertThat(size).isGreaterThan(2 * STEP);
  }

  @AfterAll
  void deleteTheFile() throws IOException {
    Files.delete(file);
  }

  private static ReaderOptions listening(LongConsumer listener) {
    return ReaderOptions.defaults().withProgressListener(listener);
  }

  private RecordReader open() throws IOException {
    reported.clear();
    return RecordReader.open(file, listening(reported::add));
  }

  private void assertReported(int least, long last) {
    assertThat(reported)
        .isSorted()
        .doesNotHaveDuplicates()
        .hasSizeBetween(least, (int) (size >> 20));
    assertThat(reported.getLast()).isBetween(last, size);
  }

  /** The size at the time of opening does not limit the count of a file that grows or is cut. */
  @Test
  void countsAFileThatChangesWhileItIsFollowed(@TempDir Path directory) throws IOException {
    Path log = directory.resolve("log");
    ReaderOptions following = listening(_ -> {}).withFollow(true).withFollowTimeout(Duration.ZERO);
    try (RecordWriter writer = RecordWriter.open(log)) {
      writer.write("one");
      writer.flush();
      try (RecordReader reader = RecordReader.open(log, following)) {
        for (int i = 0; i < 1500; i++) { // more chunks than are listed at once
          writer.write("more");
          writer.flush();
        }
        for (int i = 0; i < 1501; i++) {
          assertThat(reader.next()).isNotNull(); // reading notices the new size
        }
        assertThat(reader.recordCount()).isEqualTo(1501);
      }
    }
    long intact = Files.size(log);
    Files.write(log, new byte[3000], StandardOpenOption.APPEND);
    try (RecordReader reader = RecordReader.open(log, following)) {
      assertThat(RecordWriter.repair(log)).isPresent();
      assertThat(Files.size(log)).isEqualTo(intact);
      for (int i = 0; i < 1501; i++) {
        assertThat(reader.next()).isNotNull();
      }
      assertThat(reader.next()).isNull();
      assertThat(reader.recordCount()).isEqualTo(1501);
    }
  }

  @Test
  void eachLongOperationReports() throws IOException {
    try (RecordReader reader = open()) {
      reader.verify();
      assertReported(2, 2 * STEP);
      reported.clear();
      assertThat(reader.recordCount()).isEqualTo(20);
      assertReported(1, size);
      reported.clear();
      FileDescription description = reader.describe();
      assertThat(description.recordSizes().count()).isEqualTo(20);
      assertThat(reported).anyMatch(done -> done > size / 2 + (1 << 20));
      assertReported(20, size / 2 + STEP / 2);
      reported.clear();
      assertThat(reader.describe()).isEqualTo(description);
      assertReported(20, size / 2 + STEP / 2);
    }
  }

  @Test
  void anIndexReports() throws IOException {
    reported.clear();
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withSavedIndex(SavedIndex.IGNORE)
            .withReaderOptions(listening(reported::add));
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      assertThat(reader.recordCount()).isEqualTo(20);
    }
    assertReported(2, size);
  }

  @Test
  void theListenerMayNotUseTheReaderAndMayEndTheOperation() throws IOException {
    RecordReader[] used = new RecordReader[1];
    try (RecordReader reader = RecordReader.open(file, listening(done -> use(used[0])))) {
      used[0] = reader;
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(reader::recordCount)
          .withMessageContaining("progress listener");
    }
    IllegalArgumentException end = new IllegalArgumentException("enough");
    try (RecordReader reader =
        RecordReader.open(
            file,
            listening(done -> {
              throw end;
            }))) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(reader::verify)
          .isSameAs(end);
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(reader::describe)
          .isSameAs(end);
      assertThat(reader.next().byteSize()).isPositive();
    }
  }

  private static void use(RecordReader reader) {
    try {
      var _ = reader.recordCount();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

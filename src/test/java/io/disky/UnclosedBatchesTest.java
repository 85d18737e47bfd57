package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.testing.LogCapture;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches of {@link RecordReader#batches()} that nobody closes are counted and logged. */
class UnclosedBatchesTest {
  private static final String NOT_CLOSED = "are not closed";

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = TwoRecordChunks.write(directory.resolve("records"));
  }

  @Test
  void areLoggedWhenTheReaderIsClosed() throws IOException {
    try (LogCapture log = new LogCapture()) {
      RecordReader reader = RecordReader.open(file);
      List<RecordBatch> batches = reader.batches().toList();
      batches.subList(0, 7).forEach(RecordBatch::close);
      batches.getFirst().close();
      assertThat(log.messages(NOT_CLOSED)).isEmpty();
      reader.close();
      reader.close();
      assertThat(log.messages(NOT_CLOSED))
          .singleElement()
          .asString()
          .contains("WARNING", file.toString(), "3 of 10 batches");
    }
  }

  @Test
  void areLoggedWhenTheStreamIsClosed() throws IOException {
    try (LogCapture log = new LogCapture();
        RecordReader reader = RecordReader.open(file)) {
      try (Stream<RecordBatch> batches = reader.batches()) {
        assertThat(batches.limit(1).toList()).hasSize(1);
      }
      assertThat(log.messages("1 of 1 batches")).hasSize(1);
    }
  }

  /** Another thread may still be using its batch, and close it later. */
  @Test
  void batchesOfAStreamThatFailsAreNotLogged() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    List<RecordBatch> batches = new ArrayList<>();
    try (LogCapture log = new LogCapture()) {
      try (RecordReader reader = RecordReader.open(file)) {
        assertThatExceptionOfType(UncheckedIOException.class)
            .isThrownBy(() -> reader.batches().forEach(batches::add));
      }
      assertThat(batches).hasSize(9);
      assertThat(log.messages(NOT_CLOSED)).isEmpty();
    }
  }

  /** Two threads may close a batch at once, and it is one batch still. */
  @Test
  void aBatchThatIsClosedTwiceIsCountedOnce() throws Exception {
    for (int round = 0; round < 200; round++) {
      try (LogCapture log = new LogCapture()) {
        try (RecordReader reader = RecordReader.open(file)) {
          List<RecordBatch> batches = reader.batches().toList();
          List<Throwable> thrown =
              WorkerThreads.race(
                  2, () -> batches.subList(0, batches.size() - 1).forEach(RecordBatch::close));
          assertThat(thrown).isEmpty();
        }
        assertThat(log.messages("1 of 10 batches")).hasSize(1);
      }
    }
  }

  @Test
  void closedBatchesAreNotLogged() throws IOException {
    try (LogCapture log = new LogCapture()) {
      try (RecordReader reader = RecordReader.open(file);
          Stream<RecordBatch> batches = reader.batches().parallel()) {
        batches.forEach(RecordBatch::close);
      }
      assertThat(log.messages(NOT_CLOSED)).isEmpty();
    }
  }
}

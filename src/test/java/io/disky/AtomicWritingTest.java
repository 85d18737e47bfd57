package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import io.disky.testing.WorkerThread;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link RecordWriter#writeAtomically}: an exception discards the file. */
class AtomicWritingTest {
  private static final byte[] RECORD = "record".getBytes(UTF_8);
  private static final byte[] OLD = "the file that existed before".getBytes(UTF_8);
  private static final WriterOptions OVERWRITE =
      WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }

  private void assertWritten(byte[]... records) throws IOException {
    assertThat(names()).containsExactly("records");
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), List.of(records));
  }

  @Test
  void publishesWhenTheTaskHasReturned() throws IOException {
    RecordWriter.writeAtomically(
        file,
        writer -> {
          writer.write(RECORD);
          writer.flush();
          assertThat(file).doesNotExist();
        });
    assertWritten(RECORD);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void anExceptionDiscardsTheFile(int parallelism) throws IOException {
    EOFException thrown = new EOFException("no more input");
    WriterOptions options = WriterOptions.defaults().withChunkSize(20).withParallelism(parallelism);
    assertThatThrownBy(() ->
            RecordWriter.writeAtomically(
                file,
                options,
                writer -> {
                  for (int i = 0; i < 100; i++) {
                    writer.write(RECORD);
                  }
                  throw thrown;
                }))
        .isSameAs(thrown)
        .hasNoSuppressedExceptions();
    assertThat(names()).isEmpty();
  }

  @Test
  void anErrorDiscardsTheFile() throws IOException {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() ->
            RecordWriter.writeAtomically(
                file,
                writer -> {
                  throw new AssertionError();
                }));
    assertThat(names()).isEmpty();
  }

  @Test
  void anExceptionLeavesTheOldFile() throws IOException {
    Files.write(file, OLD);
    assertThatIllegalStateException()
        .isThrownBy(() ->
            RecordWriter.writeAtomically(
                file,
                OVERWRITE,
                writer -> {
                  writer.write(RECORD);
                  throw new IllegalStateException();
                }));
    assertThat(names()).containsExactly("records");
    assertThat(file).hasBinaryContent(OLD);
  }

  @Test
  void replacesTheOldFile() throws IOException {
    Files.write(file, OLD);
    RecordWriter.writeAtomically(file, OVERWRITE, writer -> writer.write(RECORD));
    assertWritten(RECORD);
  }

  @Test
  void aFileThatExistsIsNotReplacedByDefault() throws IOException {
    Files.write(file, OLD);
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> RecordWriter.writeAtomically(file, writer -> writer.write(RECORD)));
    assertThat(file).hasBinaryContent(OLD);
  }

  @Test
  void aTaskCannotPublishByItself() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> RecordWriter.writeAtomically(file, RecordWriter::close))
        .withMessageContaining("is closed when its task returns");
    assertThat(names()).isEmpty();

    RecordWriter.writeAtomically(
        file,
        writer -> {
          assertThatIllegalStateException().isThrownBy(writer::close);
          writer.write(RECORD);
        });
    assertWritten(RECORD);
  }

  @Test
  void aTaskCanDiscard() throws IOException {
    RecordWriter.writeAtomically(
        file,
        writer -> {
          writer.write(RECORD);
          writer.discard();
        });
    assertThat(names()).isEmpty();
  }

  @Test
  void theWriterIsClosedAfterwards() throws IOException {
    RecordWriter[] kept = new RecordWriter[1];
    RecordWriter.writeAtomically(file, writer -> kept[0] = writer);
    assertThat(kept[0].isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> kept[0].write(RECORD));
    assertWritten();
  }

  @Test
  void aFailureThatTheTaskHidesIsThrown() throws IOException {
    assertThatThrownBy(() ->
            RecordWriter.writeAtomically(
                file,
                writer -> {
                  writer.write(RECORD);
                  Files.write(file, OLD);
                }))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(names()).containsExactly("records");
    assertThat(file).hasBinaryContent(OLD);
  }

  @Test
  void theWriterBelongsToTheCallerFromTheBeginning() throws IOException {
    try (WorkerThread other = new WorkerThread()) {
      RecordWriter.writeAtomically(
          file,
          writer -> {
            assertThat(other.thrownBy(() -> writer.write(RECORD)))
                .isInstanceOf(WrongThreadException.class);
            writer.write(RECORD);
          });
    }
    assertWritten(RECORD);
  }

  @Test
  void theWriterCanBeShared() throws IOException {
    try (WorkerThread other = new WorkerThread()) {
      RecordWriter.writeAtomically(
          file,
          writer -> {
            SharedRecordWriter shared = writer.shared();
            assertThat(other.thrownBy(() -> shared.write(RECORD))).isNull();
            assertThat(other.thrownBy(shared::close)).isInstanceOf(IllegalStateException.class);
          });
    }
    assertWritten(RECORD);
  }

  @Test
  void refusesWhatCannotBeAtomic() throws IOException {
    WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordWriter.writeAtomically(file, append, writer -> {}));
    assertThatNullPointerException()
        .isThrownBy(() -> RecordWriter.writeAtomically(file, null))
        .withMessage("task");
    assertThat(names()).isEmpty();
  }
}

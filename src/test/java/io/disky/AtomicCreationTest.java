package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.lifetime.GarbageCollection;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.SampleRecords;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that are there when they are complete, or not at all. */
class AtomicCreationTest {
  private static final byte[] RECORD = "record".getBytes(UTF_8);
  private static final byte[] OLD = "what was there before".getBytes(UTF_8);

  /** As the documentation has it. */
  private static final String TEMPORARY_NAME = "\\.records\\.[0-9a-f]{16}\\.tmp";

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static WriterOptions atomic(OpenMode mode) {
    return WriterOptions.defaults().withOpenMode(mode).withAtomicCreation(true);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = OpenMode.class,
      names = {"CREATE_NEW", "OVERWRITE"})
  void appearsWhenItIsClosed(OpenMode mode) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, atomic(mode))) {
      writer.write(RECORD);
      writer.flush();
      assertThat(file).doesNotExist();
      assertThat(names()).singleElement().asString().matches(TEMPORARY_NAME);
      assertThat(writer.path()).contains(file);
      Path temporary = writer.temporaryPath().orElseThrow();
      assertThat(temporary).isEqualTo(directory.resolve(names().getFirst()).toAbsolutePath());
      writer.close();
      assertThat(writer.temporaryPath()).isEmpty();
    }
    assertThat(names()).containsExactly("records");
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), List.of(RECORD));
  }

  @Test
  void theTemporaryPathIsExactWhateverTheName() throws IOException {
    // Windows does not have all of these characters in names.
    String marks = File.separatorChar == '\\' ? "#&;'~" : "#?&;\"'\\~";
    for (String name : List.of("\u00e9 %41+\u20ac", marks, "a b")) {
      Path odd = directory.resolve(name);
      try (RecordWriter writer = RecordWriter.open(odd, atomic(OpenMode.CREATE_NEW))) {
        assertThat(writer.temporaryPath().orElseThrow()).exists().hasParent(directory);
        writer.discard();
      }
    }
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThat(writer.temporaryPath()).isEmpty();
    }
  }

  @Test
  void replacesWhatIsThere() throws IOException {
    Files.write(file, OLD);
    try (RecordWriter writer = RecordWriter.open(file, atomic(OpenMode.OVERWRITE))) {
      writer.write(RECORD);
      writer.flush();
      assertThat(file).hasBinaryContent(OLD);
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> RecordWriter.open(file, atomic(OpenMode.OVERWRITE)))
          .withMessageContaining("another writer");
    }
    assertThat(names()).containsExactly("records");
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), List.of(RECORD));
  }

  @Test
  void doesNotReplaceWhatAppearedMeanwhile() throws IOException {
    RecordWriter writer = RecordWriter.open(file, atomic(OpenMode.CREATE_NEW));
    writer.write(RECORD);
    Files.write(file, OLD);
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(writer::close);
    assertThat(writer.isOpen()).isFalse();
    assertThat(file).hasBinaryContent(OLD);
    assertThat(names()).containsExactly("records");
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> RecordWriter.open(file, atomic(OpenMode.CREATE_NEW)));
    assertThat(names()).containsExactly("records");
  }

  @Test
  void isNeitherContinuedNorSynced() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordWriter.open(file, atomic(OpenMode.APPEND)))
        .withMessageContaining("CREATE_NEW or OVERWRITE");
    assertThat(names()).isEmpty();
    try (RecordWriter writer = RecordWriter.open(file, atomic(OpenMode.CREATE_NEW))) {
      writer.write(RECORD);
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.flush(FlushMode.SYNC))
          .withMessageContaining("atomically");
      writer.write(RECORD);
    }
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), List.of(RECORD, RECORD));
  }

  @Test
  void isRemovedWhenItIsDiscarded() throws IOException {
    Files.write(file, OLD);
    try (RecordWriter writer = RecordWriter.open(file, atomic(OpenMode.OVERWRITE))) {
      writer.write(SampleRecords.random(3 << 20));
      writer.discard();
      writer.discard();
      assertThat(writer.isOpen()).isFalse();
      assertThatIllegalStateException().isThrownBy(() -> writer.write(RECORD));
    }
    assertThat(file).hasBinaryContent(OLD);
    assertThat(names()).containsExactly("records");
  }

  /** Another file keeps what was written when its writer is discarded. */
  @Test
  void discardingKeepsWhatWasFlushed() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    writer.write(RECORD);
    writer.flush();
    writer.write(RECORD);
    assertThatIllegalStateException()
        .isThrownBy(() ->
            writer.write(
                1,
                slot -> {
                  writer.discard();
                  return 1;
                }));
    assertThat(writer.isOpen()).isTrue();
    writer.discard();
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), List.of(RECORD));
  }

  @Test
  void isRemovedWhenItIsForgotten() throws Exception {
    try (LogCapture log = new LogCapture()) {
      forget();
      assertThat(GarbageCollection.leadsTo(() -> !log.messages("was never closed").isEmpty()))
          .isTrue();
      assertThat(names()).isEmpty();
    }
  }

  private void forget() throws IOException {
    RecordWriter writer = RecordWriter.open(file, atomic(OpenMode.CREATE_NEW));
    writer.write(RECORD);
    writer.flush();
    assertThat(names()).hasSize(1);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void isRemovedWhenWritingFails() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no /bin/bash to limit file sizes with");
    String output =
        RecordFileProcess.withOptions()
            .startedBy("/bin/bash", "-c", "ulimit -f 100; exec \"$@\"", "bash")
            .run("create-until-failure", file);
    assertThat(output).startsWith("CREATE FileSystemException");
    assertThat(names()).isEmpty();
  }

  /** Only a process that is killed leaves the file that has no name yet. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aKillLeavesTheHiddenFile() throws Exception {
    Process process = RecordFileProcess.withOptions().start("hold-unpublished", file);
    try {
      assertThat(process.inputReader(UTF_8).readLine()).isEqualTo("holding");
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(names()).singleElement().asString().matches(TEMPORARY_NAME);
    try (RecordWriter writer = RecordWriter.open(file, atomic(OpenMode.CREATE_NEW))) {
      writer.write(RECORD);
    }
    assertThat(names()).hasSize(2).contains("records");
  }
}

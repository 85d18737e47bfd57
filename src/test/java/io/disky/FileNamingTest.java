package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of the files of a rotating writer are in the order of the records. */
class FileNamingTest {
  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-11-29T20:45:00Z");

  /**
   * Opens a writer and writes each text to a file of its own, {@code step} after the one before.
   */
  private void write(String pattern, Duration step, String... texts) throws IOException {
    write(FileNaming.pattern(directory, pattern), step, texts);
  }

  private void write(FileNaming naming, Duration step, String... texts) throws IOException {
    RotationOptions options = RotationOptions.defaults().withClock(() -> now);
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      for (String text : texts) {
        writer.write(text);
        writer.rotate();
        now = now.plus(step);
      }
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** The records of all files, in the order of the names. */
  private List<String> records() throws IOException {
    List<String> records = new ArrayList<>();
    for (String name : names()) {
      try (RecordReader reader = RecordReader.open(directory.resolve(name))) {
        reader.forEach(record -> records.add(Records.toString(record, StandardCharsets.UTF_8)));
      }
    }
    return records;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ev-{time}-{number}.disky",
        "ev-{number}-{time}.disky",
        "ev-{number}",
        "{number}x"
      })
  void anotherWriterInTheSameSecond(String pattern) throws IOException {
    write(pattern, Duration.ofSeconds(4), "1", "2");
    now = now.minusSeconds(4);
    write(pattern, Duration.ZERO, "3", "4");
    assertThat(records()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void aClockThatGoesBack() throws IOException {
    write("ev-{number}-{time}.disky", Duration.ofMinutes(-1), "1", "2");
    write("ev-{number}-{time}.disky", Duration.ofMinutes(-1), "3", "4");
    assertThat(records()).containsExactly("1", "2", "3", "4");
    assertThat(names())
        .containsExactly(
            "ev-000000-20261129T204500Z.disky",
            "ev-000001-20261129T204400Z.disky",
            "ev-000002-20261129T204300Z.disky",
            "ev-000003-20261129T204200Z.disky");
  }

  /** Files that were moved away leave gaps. */
  @ParameterizedTest
  @ValueSource(longs = {7, 999_999, 1_000_000, 99_999_999_999_999_999L})
  void goesOnAfterTheLargestNumber(long largest) throws IOException {
    Files.createFile(directory.resolve("log-000003.disky"));
    Files.createFile(directory.resolve(String.format("log-%06d.disky", largest)));
    write("log-{number}.disky", Duration.ZERO, "next");
    assertThat(names()).contains(String.format("log-%06d.disky", largest + 1)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "log-0005-000005.disky.gz",
        "other-000005-000005.disky",
        "log-00005-00005.disky",
        "log-000005-000006.disky",
        "log-000005-000005xdisky",
        "log-999999999999999999999999-999999999999999999999999.disky",
        ".log-000005-000005.disky.0123456789abcdef.tmp"
      })
  void otherNamesDoNotCount(String other) throws IOException {
    Files.createFile(directory.resolve(other));
    write("log-{number}-{number}.disky", Duration.ZERO, "first");
    assertThat(names()).contains("log-000000-000000.disky");
  }

  private FileNaming withFirstNumber(long first) {
    return new FileNaming() {
      @Override
      public Path path(long number, Instant opened) {
        return directory.resolve("own-" + number);
      }

      @Override
      public long firstNumber() {
        return first;
      }
    };
  }

  @Test
  void anOwnNamingStatesItsFirstNumber() throws IOException {
    write(withFirstNumber(5), Duration.ZERO, "1", "2");
    assertThat(names()).containsExactly("own-5", "own-6");
    write((number, opened) -> directory.resolve("own-" + number), Duration.ZERO, "0");
    assertThat(names()).containsExactly("own-0", "own-5", "own-6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(withFirstNumber(-1), Duration.ZERO))
        .withMessage("the first number of the file naming is -1, less than 0");
  }

  /** Opening the file reports it, as for any other writer. */
  @Test
  void aMissingDirectory() {
    FileNaming naming = FileNaming.pattern(directory.resolve("missing"), "log-{number}");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> write(naming, Duration.ZERO))
        .withMessageContaining("log-000000")
        .withMessageContaining("No such file");
  }

  @Test
  void onlyNumberAndTimeArePlaceholders() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileNaming.pattern(directory, "k-{date}-{number}.disky"))
        .withMessage(
            "the pattern for file names 'k-{date}-{number}.disky' contains {date}; the placeholders"
                + " are {number} and {time}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileNaming.pattern(directory, "k-{date}.disky"))
        .withMessageContaining("contains {date}; the placeholders are {number} and {time}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileNaming.pattern(directory, "k-{time}.disky"))
        .withMessageContaining("does not contain {number}");
  }

  /** The numbers of the files in one directory count. */
  @ParameterizedTest
  @ValueSource(strings = {"/log-{number}", "day/log-{number}", "{number}/log"})
  void aPatternIsTheNameOfAFile(String pattern) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileNaming.pattern(directory, pattern))
        .withMessageContaining("is not the name of a file");
  }
}

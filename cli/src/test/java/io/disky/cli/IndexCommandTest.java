package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RandomAccessReader;
import io.disky.damage.FileDamage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky index}. */
class IndexCommandTest {
  @TempDir private Path directory;

  @Test
  void savesTheIndexOfEachFile() throws IOException {
    Path first = RecordTexts.write(directory.resolve("first"), "a", "b", "c");
    Path second = RecordTexts.write(directory.resolve("second"), "d");
    CliRun run = CliRun.of("index", first, second);
    assertThat(run.succeeds().text())
        .isEqualTo("3  " + first + ".index\n1  " + second + ".index\n");
    assertThat(directory.resolve("first.index")).exists();
    try (RandomAccessReader reader = RandomAccessReader.open(first)) {
      assertThat(reader.get(2)).isEqualTo(new byte[] {'c'});
    }
    // Saves the index again and replaces the existing one.
    CliRun.of("index", first).succeeds();
  }

  @Test
  void savesThemElsewhere() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    Path other = Files.createDirectory(directory.resolve("other"));
    CliRun run = CliRun.of("index", "--directory", other, file);
    assertThat(run.succeeds().text()).isEqualTo("1  " + other.resolve("file.index") + "\n");
    assertThat(directory.resolve("file.index")).doesNotExist();
  }

  @Test
  void reportsWhatFailsAndGoesOn() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    Path damaged = directory.resolve("damaged");
    Files.write(damaged, FileDamage.flip(Files.readAllBytes(file), 70));
    CliRun run = CliRun.of("index", damaged, directory.resolve("missing"), file);
    run.fails("damaged", "missing");
    assertThat(run.text()).isEqualTo("1  " + file + ".index\n");
    assertThat(directory.resolve("damaged.index")).doesNotExist();
    CliRun.of("index", "-").isRefused("standard input");
  }
}

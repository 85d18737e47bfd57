package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky quickstart}. */
class QuickstartCommandTest {
  @TempDir Path directory;

  @Test
  void packsTheJdkAndReadsItBack() throws Exception {
    CliRun run = CliRun.of("quickstart", "--directory", directory).succeeds();
    assertThat(run.text())
        .contains("records", "bytes", "file size", "zstd:3", "ratio", "write", "read", "MB/s")
        .contains("the same before and after");
    assertThat(directory).isDirectoryContaining("glob:**/jdk-classes.disky");
  }

  @Test
  void reportsAPlaceThatCannotBeWritten() {
    CliRun.of("quickstart", "--directory", directory.resolve("missing")).fails("missing");
  }
}

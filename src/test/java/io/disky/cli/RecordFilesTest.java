package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories and patterns where record files are named. */
class RecordFilesTest {
  @TempDir Path directory;

  @BeforeEach
  void writeShards() throws IOException {
    for (int shard : new int[] {9, 10, 0}) {
      CliRun.with("record of " + shard + "\n", "write", directory.resolve("shard_" + shard))
          .succeeds();
    }
    CliRun.with("another\n", "write", directory.resolve("other")).succeeds();
    Files.createDirectory(directory.resolve("shard_1"));
  }

  @Test
  void aDirectoryIsTheFilesInIt() {
    assertThat(CliRun.of("cat", directory).succeeds().text())
        .isEqualTo("another\nrecord of 0\nrecord of 9\nrecord of 10\n");
    assertThat(CliRun.of("verify", directory).succeeds().text().lines()).hasSize(4);
    assertThat(CliRun.of("count", directory).succeeds().text().lines().toList())
        .hasSize(5)
        .first()
        .isEqualTo("1  " + directory.resolve("other"));
    assertThat(CliRun.of("count", directory).succeeds().text()).endsWith("4  total\n");
  }

  @Test
  void aPatternIsTheFilesThatMatch() {
    Path pattern = directory.resolve("sh*_?");
    assertThat(CliRun.of("cat", pattern).succeeds().text()).isEqualTo("record of 0\nrecord of 9\n");
    assertThat(CliRun.of("count", directory.resolve("{other,shard_10}")).succeeds().text())
        .endsWith("2  total\n");
    assertThat(CliRun.of("digest", directory.resolve("shard_*")).succeeds().text().lines())
        .hasSize(3);
  }

  @Test
  void aFileWithSuchANameIsThatFile() {
    Path named = directory.resolve("a[b]*");
    CliRun.with("named\n", "write", named).succeeds();
    assertThat(CliRun.of("cat", named).succeeds().text()).isEqualTo("named\n");
  }

  @Test
  void whatMatchesNothingIsReportedAndTheRestIsRead() {
    CliRun run = CliRun.of("count", directory.resolve("none*"), directory.resolve("other"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.messages()).contains("none*").contains("no file matches");
    assertThat(run.text()).contains("1  " + directory.resolve("other"));
  }
}

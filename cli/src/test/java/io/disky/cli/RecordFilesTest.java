package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories and patterns as arguments in place of record files. */
class RecordFilesTest {
  @TempDir Path directory;
  @TempDir Path output;

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
  void whatIsNoPatternIsReported() {
    CliRun run = CliRun.of("count", directory.resolve("a["));
    run.fails(directory.resolve("a[").toString(), "not a valid pattern");
    assertThat(run.messages()).doesNotContain("defect");
  }

  private String leftOut(Path file, String kind) {
    return "disky: " + file + ": left out: it is " + kind + ", not data\n";
  }

  @Test
  void indexesAreNoData() throws IOException {
    Path first = directory.resolve("shard_0");
    String before = CliRun.of("cat", directory).succeeds().text();
    CliRun.of("index", first).succeeds();
    Path renamed = directory.resolve("shard_7");
    Files.move(directory.resolve("shard_0.index"), renamed);
    String message = leftOut(renamed, "a saved index");
    Object[] ways = {directory, directory.resolve("*")};
    for (Object way : ways) {
      CliRun count = CliRun.of("count", way);
      assertThat(count.messages()).isEqualTo(message);
      assertThat(count.text()).endsWith("4  total\n");
      CliRun cat = CliRun.of("cat", way);
      assertThat(cat.messages()).isEqualTo(message);
      assertThat(cat.text()).isEqualTo(before);
      CliRun one = CliRun.of("cat", "--record", "3", way);
      assertThat(one.messages()).isEqualTo(message);
      assertThat(one.text()).isEqualTo("record of 10\n");
      assertThat(CliRun.of("verify", way).text().lines()).hasSize(4);
      CliRun digest = CliRun.of("digest", way);
      assertThat(digest.messages()).isEqualTo(message);
      Path joined = Files.createTempDirectory(output, "joined").resolve("joined");
      CliRun convert = CliRun.of("convert", way, joined);
      assertThat(convert.messages()).isEqualTo(message);
      assertThat(CliRun.of("cat", joined).succeeds().text()).isEqualTo(before);
    }
    // A shell has expanded the pattern.
    CliRun several = CliRun.of("count", first, renamed, directory.resolve("shard_9"));
    assertThat(several.messages()).isEqualTo(message);
    assertThat(several.text()).endsWith("2  total\n");
    CliRun index = CliRun.of("index", first, renamed);
    assertThat(index.messages()).contains(renamed + ": left out");
    assertThat(index.status()).isZero();
    assertThat(directory.resolve("shard_7.index")).doesNotExist();
    // A single file is always used.
    assertThat(CliRun.of("count", renamed).succeeds().text()).isNotEmpty();
  }

  @Test
  void dataAreDataWhateverTheyAreCalled() {
    CliRun.with("more\n", "write", directory.resolve("x.index")).succeeds();
    assertThat(CliRun.of("count", directory).succeeds().text()).endsWith("5  total\n");
  }

  @Test
  void hiddenAndTemporaryFilesAreNoData() throws IOException {
    Path temporary = directory.resolve(".shard_1.0123456789abcdef.tmp");
    Files.copy(directory.resolve("shard_0"), temporary);
    Files.copy(directory.resolve("shard_0"), directory.resolve(".hidden"));
    String message = leftOut(temporary, "an unfinished temporary file");
    CliRun all = CliRun.of("count", directory);
    assertThat(all.messages()).isEqualTo(message);
    assertThat(all.text()).endsWith("4  total\n");
    assertThat(CliRun.of("count", directory.resolve("*")).succeeds().text()).endsWith("4  total\n");
    CliRun hidden = CliRun.of("count", directory.resolve(".*"));
    assertThat(hidden.messages()).isEqualTo(message);
    assertThat(hidden.text()).endsWith("1  total\n");
    CliRun none = CliRun.of("count", directory.resolve(".sh*"));
    none.fails(message, "no file matches");
  }

  @Test
  void otherFilesAreErrorsThatNameThem() throws IOException {
    Path notes = Files.writeString(directory.resolve("notes.txt"), "these are my notes");
    CliRun.of("count", directory).fails(notes.toString(), "not a record file");
    CliRun.of("count", directory.resolve("*")).fails(notes.toString(), "not a record file");
    CliRun.of("cat", directory).fails(notes.toString(), "not a record file");
    CliRun.of("digest", directory).fails(notes.toString(), "not a record file");
    Path joined = output.resolve("joined");
    CliRun.of("convert", directory, joined).fails(notes.toString(), "not a record file");
    assertThat(joined).doesNotExist();
  }

  @Test
  void whatMatchesNothingIsReportedAndTheRestIsRead() {
    CliRun run = CliRun.of("count", directory.resolve("none*"), directory.resolve("other"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.messages()).contains("none*").contains("no file matches");
    assertThat(run.text()).contains("1  " + directory.resolve("other"));
  }
}

package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky count}. */
class CountCommandTest {
  @TempDir Path directory;

  @Test
  void printsTheNumberAloneForOneFile() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b", "c");
    assertThat(CliRun.of("count", file).succeeds().text()).isEqualTo("3\n");
  }

  @Test
  void printsNamesAndTotalForSeveral() throws IOException {
    Path two = RecordTexts.write(directory.resolve("two"), "a", "b");
    Path none = RecordTexts.write(directory.resolve("none"));
    assertThat(CliRun.of("count", two, none, two).succeeds().text())
        .isEqualTo("2  " + two + "\n0  " + none + "\n2  " + two + "\n4  total\n");
  }

  @Test
  void readsStandardInput() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b", "c");
    assertThat(CliRun.with(Files.readAllBytes(file), "count", "-").succeeds().text())
        .isEqualTo("3\n");
  }

  @Test
  void goesOnAfterAFailure() throws IOException {
    Path good = RecordTexts.write(directory.resolve("good"), "a", "b");
    Path missing = directory.resolve("missing");
    Path other = RecordTexts.file(directory.resolve("other"), "this is no record file\n");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    CliRun run = CliRun.of("count", missing, good, empty, other, good);
    run.fails(missing.toString(), empty.toString(), other.toString(), "byte 0");
    assertThat(run.messages()).hasLineCount(3);
    assertThat(run.text())
        .isEqualTo("2  " + good + "\n2  " + good + "\n4  total of 2 of 5 files\n");
    CliRun json = CliRun.of("count", "--json", missing, good, empty, other, good);
    assertThat(json.text().lines().toList())
        .hasSize(3)
        .last()
        .isEqualTo("{\"total\": 4, \"counted\": 2, \"files\": 5}");
  }

  /** A failed count has read no records in order, so the message does not say how many. */
  @Test
  void aFailureDoesNotSayHowManyRecordsWereRead() throws IOException {
    Path torn = RecordTexts.write(directory.resolve("torn"), "a", "b");
    Files.write(torn, new byte[10], StandardOpenOption.APPEND);
    CliRun run = CliRun.of("count", torn);
    run.fails("truncated", "'disky repair'");
    assertThat(run.messages()).doesNotContain("read before");
  }
}

package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, version, wrong usage, and failing output. */
class MainTest {
  @TempDir Path directory;

  /** An output that fails on every write. */
  private static final class FailingOutput extends OutputStream {
    private final String reason;

    FailingOutput(String reason) {
      this.reason = reason;
    }

    @Override
    public void write(int value) throws IOException {
      throw new IOException(reason);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-h", "--help"})
  void listsTheSubcommands(String option) {
    String help = CliRun.of(option).succeeds().text();
    assertThat(help)
        .contains(
            "write",
            "convert",
            "shuffle",
            "split",
            "merge",
            "extract",
            "cat",
            "head",
            "sample",
            "grep",
            "diff",
            "count",
            "index",
            "digest",
            "describe",
            "stats",
            "report",
            "plan",
            "verify",
            "recover",
            "repair")
        .contains("Exit status");
    assertThat(help).doesNotContain("quickstart");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write",
        "convert",
        "shuffle",
        "split",
        "merge",
        "extract",
        "cat",
        "head",
        "sample",
        "grep",
        "diff",
        "count",
        "index",
        "digest",
        "describe",
        "stats",
        "report",
        "plan",
        "verify",
        "recover",
        "repair",
        "quickstart"
      })
  void explainsEachSubcommand(String subcommand) {
    assertThat(CliRun.of(subcommand, "--help").succeeds().text())
        .contains("Usage: disky " + subcommand, "--help");
    assertThat(CliRun.of(subcommand, "-h").succeeds().output()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-V", "--version"})
  void tellsItsVersion(String option) {
    assertThat(CliRun.of(option).succeeds().text()).startsWith("disky ").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "-v"})
  void tellsItsVersionInOtherWays(String argument) {
    assertThat(CliRun.of(argument).succeeds().text())
        .isEqualTo(CliRun.of("--version").succeeds().text());
  }

  @Test
  void helpIsACommand() {
    assertThat(CliRun.of("help").succeeds().text())
        .isEqualTo(CliRun.of("--help").succeeds().text())
        .contains("help ", "version ");
    assertThat(CliRun.of("help", "cat").succeeds().text())
        .isEqualTo(CliRun.of("cat", "--help").succeeds().text());
    assertThat(CliRun.of("help", "quickstart").succeeds().text()).contains("Usage");
    CliRun.of("help", "frobnicate").isRefused("there is no command frobnicate");
  }

  /** Commands whose arguments are only files run without the parser, with the same result. */
  @ParameterizedTest
  @ValueSource(strings = {"count", "cat", "head", "verify", "digest", "describe", "stats"})
  void theParserChangesNothing(String command) throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b");
    Path missing = directory.resolve("missing");
    for (Object[] files :
        new Object[][] {{file}, {file, file}, {missing}, {missing, file}, {directory}}) {
      Object[] args = new Object[files.length + 1];
      args[0] = command;
      System.arraycopy(files, 0, args, 1, files.length);
      CliRun plain = CliRun.of(args);
      Object[] parsed = Arrays.copyOf(args, args.length + 1);
      parsed[args.length] = "--max-chunk-size=1GiB";
      CliRun withParser = CliRun.of(parsed);
      assertThat(plain.text()).isEqualTo(withParser.text());
      assertThat(plain.messages()).isEqualTo(withParser.messages());
      assertThat(plain.status()).isEqualTo(withParser.status());
    }
  }

  @Test
  void refusesWrongUsage() {
    CliRun.of().isRefused("Missing required subcommand", "disky --help");
    CliRun.of("frobnicate").isRefused("frobnicate", "disky --help");
    CliRun.of("count").isRefused("FILE", "disky count --help");
    CliRun.of("count", "--bogus", "file").isRefused("--bogus");
    CliRun.of("count", "").isRefused("empty");
  }

  @Test
  void endsQuietlyWhenTheReaderOfTheOutputIsGone() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b");
    Path other = RecordTexts.write(directory.resolve("other"), "a", "c");
    for (String subcommand :
        new String[] {"cat", "count", "digest", "describe", "stats", "report", "plan", "verify"}) {
      CliRun run = into("Broken pipe", subcommand, file);
      assertThat(run.messages()).as(subcommand).isEmpty();
      assertThat(run.status()).as(subcommand).isZero();
    }
    assertThat(into("Broken pipe", "describe", "--json", "--chunks", file).messages()).isEmpty();
    assertThat(into("Broken pipe", "write", "-").messages()).isEmpty();
    assertThat(into("Broken pipe", "convert", file, "-").messages()).isEmpty();
    assertThat(into("Broken pipe", "shuffle", file, "-").messages()).isEmpty();
    assertThat(into("Broken pipe", "merge", file, "-").messages()).isEmpty();
    assertThat(into("Broken pipe", "head", file).messages()).isEmpty();
    assertThat(into("Broken pipe", "grep", "a", file).messages()).isEmpty();
    assertThat(into("Broken pipe", "diff", file, other).messages()).isEmpty();
    assertThat(into("Broken pipe", "sample", "-n1", file).messages()).isEmpty();
    assertThat(into("Broken pipe", "sample", "-n1", "--output=-", file).messages()).isEmpty();
  }

  @Test
  void saysWhatIsNoNumber() {
    String[][] wrong = {
      {"cat", "--record", "x"},
      {"cat", "--record", "1,x"},
      {"cat", "--skip", "x"},
      {"cat", "--limit", "1.5"},
      {"write", "--group-size", "x"},
      {"write", "--window-log", "x"},
      {"write", "--bucket-fraction", "x"},
      {"write", "--shards", "x"},
      {"write", "--threads", "x"},
      {"write", "--chunk-size", "x"}
    };
    for (String[] args : wrong) {
      CliRun run = CliRun.of(args[0], args[1], args[2], directory.resolve("file"));
      run.isRefused(args[1], "'" + args[2].substring(args[2].indexOf(',') + 1) + "' is not a");
      assertThat(run.messages()).doesNotContain("is not a long", "is not an int", "double");
    }
    CliRun.of("cat", "--skip", "99999999999999999999", directory.resolve("file"))
        .isRefused("--skip", "too large");
  }

  /** A shell may have put unprintable characters from the name of a file into an argument. */
  @Test
  void argumentsAreNotPrintedRaw() {
    for (String[] args :
        new String[][] {
          {"count", "f", "--\u001b[2J\nx"}, {"\u001b[2J"}, {"cat", "--skip", "\u001b[2J", "f"}
        }) {
      CliRun run = CliRun.of((Object[]) args);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.messages()).contains("\\033[2J").doesNotContain("\u001b");
    }
  }

  @Test
  void reportsOutputThatCannotBeWritten() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b");
    for (String subcommand :
        new String[] {"cat", "count", "digest", "describe", "stats", "report", "plan", "verify"}) {
      into("No space left on device", subcommand, file)
          .fails("standard output: No space left on device");
    }
    into("No space left on device", "recover", file, "-")
        .fails("standard output: No space left on device");
    into("No space left on device", "convert", file, "-")
        .fails("standard output: No space left on device");
  }

  private static CliRun into(String reason, Object... args) {
    return CliRun.into(new FailingOutput(reason), InputStream.nullInputStream(), args);
  }
}

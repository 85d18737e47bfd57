package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files that remain after a signal ends a command that writes. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300) // Only makes the test fail if a command waits for ever.
class SignalTest {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;
  private static final byte[] LINES = "a line of text\n".repeat(200_000).getBytes(UTF_8);

  @TempDir private Path directory;

  private List<String> names(Path where) throws IOException {
    try (Stream<Path> files = Files.list(where)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /**
   * Starts a command that reads lines from a standard input that does not end. When the command has
   * created a file in {@code where} whose name begins with {@code prefix}, sends it a signal.
   *
   * @return its messages
   */
  private String endWithSignal(String signal, int status, Path where, String prefix, Object... args)
      throws Exception {
    Process process = CliProcess.start(directory, List.of("-Djava.io.tmpdir=" + directory), args);
    try (OutputStream input = process.getOutputStream()) {
      CliProcess.awaitFile(where, prefix, process);
      input.write(LINES);
      input.flush(); // the command has read all bytes except those in the pipe
      CliProcess.signal(process, signal);
      String messages = CliProcess.messages(process);
      assertThat(process.waitFor()).as(messages).isEqualTo(128 + status);
      return messages;
    } finally {
      process.destroyForcibly();
    }
  }

  private String terminate(Path where, String prefix, Object... args) throws Exception {
    return endWithSignal("TERM", SIGTERM, where, prefix, args);
  }

  @ParameterizedTest
  @CsvSource({"HUP, 1", "INT, 2", "TERM, 15"})
  void aFileIsRemoved(String signal, int status) throws Exception {
    String messages =
        endWithSignal(signal, status, directory, "out", "write", "--chunk-size=1KiB", "out", "-");
    assertThat(messages).isEqualTo("disky: out: removed, because it is incomplete\n");
    assertThat(names(directory)).isEmpty();
  }

  @Test
  void anArrayRecordIsRemoved() throws Exception {
    String messages = terminate(directory, "out", "write", "--container=array_record", "out", "-");
    assertThat(messages).isEqualTo("disky: out: removed, because it is incomplete\n");
    assertThat(names(directory)).isEmpty();
  }

  @Test
  void theFileThatALinkLeadsToIsRemoved() throws Exception {
    Path targets = Files.createDirectory(directory.resolve("targets"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), targets.resolve("target"));
    String messages = terminate(targets, "target", "write", "--force", "link", "-");
    assertThat(messages).isEqualTo("disky: link: removed, because it is incomplete\n");
    assertThat(names(targets)).isEmpty();
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void aFileThatWasToBeCreatedAtomicallyIsWhatItWas() throws Exception {
    Path out = directory.resolve("out");
    RecordTexts.write(out, "old");
    String messages = terminate(directory, ".out.", "write", "--atomic", "--force", "out", "-");
    assertThat(messages).isEqualTo("disky: out: not written, because it is incomplete\n");
    assertThat(names(directory)).containsExactly("out");
    assertThat(RecordTexts.in(out)).containsExactly("old");
  }

  @Test
  void shardsAreRemoved() throws Exception {
    Path out = directory.resolve("above").resolve("out");
    Path others = Files.createDirectory(directory.resolve("others"));
    RecordTexts.write(others.resolve("shard_0"), "old");
    String messages = terminate(out, "shard_2", "write", "--shards=3", "above/out", "-");
    assertThat(messages)
        .isEqualTo("disky: above/out: 3 shards removed, because they are incomplete\n");
    assertThat(names(directory)).containsExactly("others");
    messages = terminate(others, "shard_3", "write", "--append", "--shards=3", "others", "-");
    assertThat(messages).contains("others: 3 shards removed");
    assertThat(names(others)).containsExactly("shard_0");
  }

  @Test
  void aFileThatIsContinuedKeepsWhatItHad() throws Exception {
    Path out = directory.resolve("out");
    RecordTexts.write(out, "old");
    Process process = CliProcess.start(directory, List.of(), "write", "--append", "out", "-");
    try (OutputStream input = process.getOutputStream()) {
      input.write(
          LINES); // the command reads the lines when the file is open; the last ones stay in the
      // pipe
      input.flush();
      CliProcess.signal(process, "TERM");
      assertThat(CliProcess.messages(process))
          .startsWith(
              "disky: out: keeps its earlier records, and records appended to it; if its end");
      assertThat(process.waitFor()).isEqualTo(128 + SIGTERM);
    } finally {
      process.destroyForcibly();
    }
    var _ = RecordWriter.repair(out);
    assertThat(RecordTexts.in(out)).startsWith("old");
    WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    RecordWriter.open(out, append).close();
  }

  @Test
  void theCopyForTheStandardOutputIsRemoved() throws Exception {
    assertThat(terminate(directory, ".disky.", "write", "-", "-")).isEmpty();
    assertThat(names(directory)).isEmpty();
  }

  /**
   * A killed command cannot remove its copy. The hidden name of the copy keeps commands from
   * reading it as data.
   */
  @Test
  void theCopyThatAKilledCommandLeavesIsNoData() throws Exception {
    endWithSignal("KILL", SIGKILL, directory, ".disky.", "write", "-", "-");
    String left = names(directory).getFirst();
    Path data = RecordTexts.write(directory.resolve("data"), "a", "b");
    CliRun run = CliRun.of("count", directory);
    assertThat(run.text()).isEqualTo("2  " + data + "\n2  total\n");
    assertThat(run.messages()).contains(left + ": left out: it is an unfinished temporary file");
  }

  @Test
  void theQuickstartLeavesNothing() throws Exception {
    List<String> options = List.of("-Djava.io.tmpdir=" + directory);
    Process process = CliProcess.start(directory, options, "quickstart");
    try {
      CliProcess.awaitFile(directory, "disky-quickstart", process);
      Path temporary = directory.resolve(names(directory).getFirst());
      CliProcess.awaitFile(temporary, "jdk-classes", process);
      CliProcess.signal(process, "TERM");
      assertThat(process.waitFor()).isEqualTo(128 + SIGTERM);
    } finally {
      process.destroyForcibly();
    }
    assertThat(names(directory)).isEmpty();
  }
}

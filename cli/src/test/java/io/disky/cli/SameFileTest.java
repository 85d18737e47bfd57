package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands whose input is also their output, by any name or descriptor. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300) // Only makes the test fail if a file grows for ever.
class SameFileTest {
  @TempDir private Path directory;
  private Path file;
  private byte[] content;

  @BeforeEach
  void setUp() throws Exception {
    file = directory.resolve("x");
    RecordTexts.write(file, "one", "two", "three");
    content = Files.readAllBytes(file);
    Files.createLink(directory.resolve("hard"), file);
    Files.createSymbolicLink(directory.resolve("soft"), file);
  }

  /** Limits the size of files, for commands that would let a file grow for ever. */
  private void isRefused(String command, int status, String message) throws Exception {
    String output =
        CliProcess.script(directory, "ulimit -f 1000", command + "; echo \"status $?\" >&2");
    assertThat(output).contains(message).endsWith("status " + status + "\n");
    assertThat(file).hasBinaryContent(content);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write --force x - < x",
        "write --force x < x",
        "write --append x - < x",
        "write --force --files x - < soft",
        "write --append --length-prefixed soft < hard",
        "write --force hard - < x",
        "write --force --atomic x - < x",
        "write --force hard /dev/stdin < x",
        "write - x >> x",
        "write - - < x >> hard",
      })
  void writeRefuses(String command) throws Exception {
    isRefused("disky " + command, 2, " is both OUT and a FILE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "convert --force - x < x",
        "convert --force hard soft",
        "convert --force --to=tfrecord --from=tfrecord - x < x",
        "convert --to=tfrecord --from=tfrecord x - >> x",
        "merge --force soft hard",
        "merge - hard < x",
        "convert - hard < x",
        "recover --force - x < hard",
        "convert x - >> x",
        "recover - - < x >> hard",
        "shuffle --force - x < x",
        "shuffle --force hard soft",
        "shuffle - hard < x",
        "shuffle x - >> x",
        "shuffle --force soft - hard < x",
      })
  void conversionsRefuse(String command) throws Exception {
    isRefused("disky " + command, 2, " is both IN and OUT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cat x",
        "cat - < hard",
        "cat --record 0 soft",
        "cat --follow x",
        "count x",
        "count - < x",
        "digest x",
        "digest .",
        "describe soft",
        "verify x",
        "index hard",
        "repair x",
        "sample -n 1 x",
        "sample -n 1 - < hard",
        "stats x",
        "split --shards 1 --output-directory out soft",
        "convert --shards 1 - out < x",
      })
  void nobodyReadsWhatTheStandardOutputGoesTo(String command) throws Exception {
    isRefused(
        "disky " + command + " >> x", 1, "is the file to which standard output is redirected");
  }

  @Test
  void shardsAreNotReadWhileTheyAreWritten() throws Exception {
    Path shards = Files.createDirectory(directory.resolve("s"));
    Files.createLink(shards.resolve("shard_0"), file);
    for (String command :
        new String[] {
          "write --force --shards 2 s - < x",
          "write --append --shards 2 s x",
          "convert --force --shards 2 - s < hard",
          "convert --force --shards 2 soft s",
          "split --force --shards 2 --output-directory s soft",
          "split --force --shards 2 --output-directory s - < hard",
        }) {
      isRefused("disky " + command, 2, " is an input and would be overwritten as part of OUT");
      assertThat(shards.resolve("shard_0")).hasBinaryContent(content);
    }
  }

  /** A device or a pipe may be input and output at the same time. */
  @Test
  void othersAreNotRefused() throws Exception {
    String output =
        CliProcess.script(
            directory,
            "disky count x < x",
            "disky cat x < x >> y; wc -l < y | tr -d ' '",
            "disky write z - < x && disky count z > /dev/null < /dev/null",
            "disky convert x - < x | disky count -");
    assertThat(output).isEqualTo("3\n3\n3\n");
  }

  @Test
  void directoriesAreReadWithoutTheOutput() throws Exception {
    String output =
        CliProcess.script(
            directory,
            "mkdir d; echo a > d/1; echo b > d/2",
            "disky write --files --atomic d/out d && disky count d/out",
            "disky write --files --atomic --force d/out d && disky count d/out",
            "ln d/out e; disky write --files --force e d && disky count d/out",
            "disky write --files - d > d/3 && disky count d/3");
    assertThat(output).isEqualTo("2\n2\n2\n3\n");
  }
}

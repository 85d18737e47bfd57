package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Pipes with a name, as a shell makes them, in place of files. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD) // A pipe may wait for ever.
class PipesTest {
  @TempDir private Path directory;

  @Test
  void pipesAreReadAndWritten() throws Exception {
    RecordTexts.write(directory.resolve("a"), "one", "two");
    RecordTexts.write(directory.resolve("b"), "three");
    String output =
        CliProcess.script(
            directory,
            "disky count <(cat a) <(cat b) | tail -n 1",
            "disky convert <(cat a) b >(cat >c; echo done >end); while [ ! -e end ]; do :; done",
            "mkfifo in out",
            "printf '4\\n5\\n' >in & cat out >d & disky write out in; wait",
            "disky cat c d; echo $?; ls -a");
    assertThat(output.lines().map(String::strip))
        .containsExactly(
            "3  total",
            "one",
            "two",
            "three",
            "4",
            "5",
            "0",
            ".",
            "..",
            "a",
            "b",
            "c",
            "d",
            "end",
            "in",
            "out");
  }

  @Test
  void aPipeThatIsNoRecordFileIsNamed() throws Exception {
    String output =
        CliProcess.script(
            directory, "mkfifo p; echo text >p & disky cat p; echo $?", "disky cat -f p");
    assertThat(output.lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("disky: p: byte 0: "),
            line -> assertThat(line).isEqualTo("1"),
            line -> assertThat(line).contains("--follow cannot read a pipe: p"),
            line -> assertThat(line).startsWith("Try "));
  }
}

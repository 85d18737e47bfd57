package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short commands load nothing that takes longer than the command. */
class ShortCommandsTest {
  @TempDir private Path directory;

  private List<String> loaded(Object... args) throws Exception {
    Path log = directory.resolve("log");
    List<String> options = List.of("-Xlog:class+load:file=" + log);
    Process process = CliProcess.start(directory, options, args);
    assertThat(process.inputReader().readLine()).isNotEmpty();
    assertThat(CliProcess.messages(process)).isEmpty();
    assertThat(process.waitFor()).isZero();
    return Files.readAllLines(log);
  }

  @Test
  void noParserAndNoLoggersAreLoaded() throws Exception {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    for (Object[] command : new Object[][] {{"--version"}, {"count", file}}) {
      assertThat(loaded(command))
          .hasSizeGreaterThan(300)
          .noneMatch(line -> line.contains(" picocli."))
          .noneMatch(line -> line.contains(" java.lang.System$Logger "))
          .noneMatch(line -> line.contains(" java.lang.runtime.ObjectMethods "));
    }
  }

  @Test
  void theHelpForLinkingMakesNoOtherCalls() throws Exception {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    long withHelp =
        loaded("count", file).stream().filter(line -> line.contains("DowncallStub")).count();
    assertThat(withHelp).isEqualTo(3);
  }
}

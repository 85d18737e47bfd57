package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** At the end of the stack a call fails as such, and works again where there is more of it. */
@Timeout(value = 10, unit = TimeUnit.MINUTES) // a lock that is kept keeps the process
class StackOverflowTest {
  @Test
  void whatIsFirstUsedAtTheEndOfTheStackWorksLater() throws Exception {
    List<String> lines = linesOf(StackOverflowProbe.class);

    assertThat(lines).hasSize(11).allMatch(line -> line.endsWith(" works[]"));
  }

  /** Neither a wrong record, nor a lost one, nor somebody who waits for what nobody does. */
  @Test
  void whatMeetsTheEndOfTheStackLeavesObjectsAsTheyShouldBe(@TempDir Path directory)
      throws Exception {
    List<String> lines = linesOf(StackEndProbe.class, directory.toString());

    assertThat(lines).hasSize(22).allMatch(line -> line.endsWith(" works"));
  }

  private static List<String> linesOf(Class<?> main, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Frames of interpreted code are always of the same size.
    command.add("-Xint");
    command.add("-Dstdout.encoding=UTF-8");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(
        Stream.of(RecordReader.class, main, Assertions.class)
            .map(StackOverflowTest::classPathRoot)
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    try {
      List<String> lines =
          new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
      assertThat(process.waitFor()).as(lines.toString()).isZero();
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path classPathRoot(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}

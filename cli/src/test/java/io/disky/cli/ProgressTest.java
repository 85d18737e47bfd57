package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Progress} with a simulated clock. */
class ProgressTest {
  private static final long SECOND = 1_000_000_000;

  @TempDir private Path directory;
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong(-3 * SECOND);

  @AfterEach
  void forgetTheTerminal() {
    System.clearProperty(Progress.TERMINAL_PROPERTY);
  }

  private Progress begin(boolean terminal, long total) {
    System.setProperty(Progress.TERMINAL_PROPERTY, String.valueOf(terminal));
    return new Progress("task", total, new PrintStream(shown, true, UTF_8), clock::get);
  }

  private String shown() {
    return shown.toString(UTF_8);
  }

  @Test
  void showsNothingOfShortWork() {
    try (Progress progress = begin(true, 100)) {
      clock.addAndGet(SECOND - 1);
      progress.stepTo(99);
    }
    assertThat(shown()).isEmpty();
  }

  @Test
  void showsLongWorkAndClearsIt() {
    try (Progress progress = begin(true, 100 << 20)) {
      progress.stepTo(1 << 20);
      clock.addAndGet(SECOND);
      progress.stepBy(49 << 20);
    }
    assertThat(shown()).contains("task", "50%", "50/100 MiB").endsWith("\r");
  }

  @Test
  void partsCountTogether() {
    try (Progress progress = begin(true, 100 << 20)) {
      progress.stepTo(1 << 20);
      progress.endPart(30 << 20);
      clock.addAndGet(SECOND);
      progress.stepTo(20 << 20);
    }
    assertThat(shown()).contains("50%", "50/100 MiB");
  }

  @Test
  void showsWorkOfUnknownSize() {
    try (Progress progress = begin(true, Progress.UNKNOWN)) {
      clock.addAndGet(SECOND);
      progress.stepBy(7 << 20);
    }
    assertThat(shown()).contains("task", "7/? MiB");
  }

  @Test
  void showsNothingElsewhereThanOnATerminal() {
    try (Progress progress = begin(false, 100)) {
      clock.addAndGet(2 * SECOND);
      progress.stepTo(50);
    }
    assertThat(shown()).isEmpty();
  }

  @Test
  void aConsoleMayBeNoTerminal() {
    assertThat(Progress.<Object>isTerminal(null, console -> true)).isFalse();
    assertThat(Progress.isTerminal(new Object(), console -> false)).isFalse();
    assertThat(Progress.isTerminal(new Object(), console -> true)).isTrue();
  }

  /** The caller has not set the property that states whether standard error is a terminal. */
  @Test
  void showsNothingInAFile() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(
        Stream.of(Progress.class, ProgressTest.class, ProgressBar.class)
            .map(ProgressTest::place)
            .collect(joining(File.pathSeparator)));
    command.add(LongWork.class.getName());
    Path file = directory.resolve("standard-error");
    Process process = new ProcessBuilder(command).redirectError(file.toFile()).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(output).isEqualTo("done");
    assertThat(file).isEmptyFile();
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** A program that works for an hour of simulated time. */
  static final class LongWork {
    private LongWork() {}

    public static void main(String[] args) {
      AtomicLong clock = new AtomicLong();
      Progress progress = new Progress("task", 100, System.err, clock::get);
      clock.set(3600 * SECOND);
      progress.stepTo(50);
      progress.close();
      System.out.print("done");
    }
  }

  @Test
  void showsNothingWhereItWouldDisturb() {
    System.setProperty(Progress.TERMINAL_PROPERTY, "true");
    try (Progress progress = Progress.none(new PrintStream(shown, true, UTF_8))) {
      clock.addAndGet(2 * SECOND);
      progress.stepTo(50);
    }
    assertThat(shown()).isEmpty();
  }
}

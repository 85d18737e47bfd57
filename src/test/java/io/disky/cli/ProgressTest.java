package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@link Progress}, with a clock of its own. */
class ProgressTest {
  private static final long SECOND = 1_000_000_000;

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
  void showsNothingWhereItWouldDisturb() {
    System.setProperty(Progress.TERMINAL_PROPERTY, "true");
    try (Progress progress = Progress.none(new PrintStream(shown, true, UTF_8))) {
      clock.addAndGet(2 * SECOND);
      progress.stepTo(50);
    }
    assertThat(shown()).isEmpty();
  }
}

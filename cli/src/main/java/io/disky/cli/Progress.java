package io.disky.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of a command on standard error: only on a terminal, and only after the command
 * has taken one second.
 */
final class Progress implements AutoCloseable {
  /** The total size of a task whose size is not known in advance. */
  static final long UNKNOWN = -1;

  /**
   * System property, {@code true} or {@code false}: whether standard error is a terminal. Not set
   * if the caller does not know.
   */
  static final String TERMINAL_PROPERTY = "io.disky.cli.stderr.terminal";

  /** System property: after how many milliseconds the progress is shown; 1000 if it is not set. */
  static final String DELAY_PROPERTY = "io.disky.cli.progress.delay";

  private static final int DEFAULT_DELAY = 1000;
  private static final int WIDTH = 79;

  private final String task;
  private final long total;
  private final PrintStream err;
  private final LongSupplier clock;
  private final long begun;
  private long done;
  private long before;
  private boolean decided;
  private @Nullable ProgressBar bar;
  private @Nullable TerminalLine line;

  /**
   * Begins the task.
   *
   * @param total the size of the task in bytes, or {@link #UNKNOWN}
   */
  Progress(String task, long total, PrintStream err) {
    this(task, total, err, System::nanoTime);
  }

  Progress(String task, long total, PrintStream err, LongSupplier clock) {
    this.task = task;
    this.total = total;
    this.err = err;
    this.clock = clock;
    this.begun = clock.getAsLong();
  }

  /** A progress that is never shown. */
  static Progress none(PrintStream err) {
    Progress progress = new Progress("", UNKNOWN, err);
    progress.decided = true;
    return progress;
  }

  /** Reports that {@code bytes} more bytes are done. */
  void stepBy(long bytes) {
    stepTo(done - before + bytes);
  }

  /** Reports that {@code bytes} bytes of the current part are done. */
  void stepTo(long bytes) {
    done = before + bytes;
    if (!decided && clock.getAsLong() - begun >= delayNanos()) {
      decided = true;
      bar = isTerminal() ? show(Duration.ofNanos(clock.getAsLong() - begun)) : null;
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  /** Reports that a part of {@code bytes} bytes, such as a file, is done, and begins the next. */
  void endPart(long bytes) {
    stepTo(bytes);
    before += bytes;
  }

  private static long delayNanos() {
    return 1_000_000L * Integer.getInteger(DELAY_PROPERTY, DEFAULT_DELAY);
  }

  private ProgressBar show(Duration elapsed) {
    line = new TerminalLine(err, WIDTH);
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .startsFrom(done, elapsed)
        .setUnit(" MiB", 1 << 20)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .setConsumer(line)
        .build();
  }

  /**
   * Returns whether standard error is a terminal. The JVM itself only knows this about standard
   * input and output, so the launcher passes it as a system property.
   */
  @SuppressWarnings("SystemConsoleNull") // null with -Djdk.console=java.base
  static boolean isTerminal() {
    String known = System.getProperty(TERMINAL_PROPERTY);
    if (known != null) {
      return Boolean.parseBoolean(known);
    }
    return isTerminal(System.console(), Console::isTerminal);
  }

  /** Some JVMs always have a console, others only on a terminal, so both are checked. */
  static <C> boolean isTerminal(@Nullable C console, Predicate<C> terminal) {
    return console != null && terminal.test(console);
  }

  /** Prints while the progress is hidden, so that the two are not mixed on a terminal. */
  void aside(FilesProgress.Printing printing) throws IOException {
    TerminalLine shown = line;
    if (shown == null) {
      printing.run();
    } else {
      shown.aside(printing);
    }
  }

  @Override
  public void close() {
    if (bar != null && line != null) {
      bar.close();
      line.erase();
    }
  }

  /** Shows the progress in the current line of the terminal, and does not end the line. */
  private static final class TerminalLine extends ConsoleProgressBarConsumer {
    private final PrintStream err;

    TerminalLine(PrintStream err, int width) {
      super(err, width);
      this.err = err;
    }

    /** Called by a thread of the bar, too. */
    @Override
    public synchronized void accept(String text) {
      super.accept(text);
    }

    synchronized void aside(FilesProgress.Printing printing) throws IOException {
      erase();
      printing.run();
    }

    synchronized void erase() {
      err.print("\r" + " ".repeat(WIDTH) + "\r");
      err.flush();
    }

    @Override
    public void close() {}
  }
}

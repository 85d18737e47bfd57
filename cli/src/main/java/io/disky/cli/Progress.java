package io.disky.cli;

import java.io.Console;
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
 * Shows on standard error how far a command is: once it has taken a while, and only on a terminal.
 */
final class Progress implements AutoCloseable {
  /** The size of work that is not known beforehand. */
  static final long UNKNOWN = -1;

  /**
   * {@code true} or {@code false}: whether standard error is a terminal, where the caller knows.
   */
  static final String TERMINAL_PROPERTY = "io.disky.cli.stderr.terminal";

  private static final long SHORT_NANOS = 1_000_000_000;
  private static final int WIDTH = 79;

  private final String task;
  private final long total;
  private final PrintStream err;
  private final LongSupplier clock;
  private final long begun;
  private long done;
  private boolean decided;
  private @Nullable ProgressBar bar;

  /**
   * Begins work.
   *
   * @param total its size in bytes, or {@link #UNKNOWN}
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

  /** Progress that is never shown. */
  static Progress none(PrintStream err) {
    Progress progress = new Progress("", UNKNOWN, err);
    progress.decided = true;
    return progress;
  }

  /** Says that this many more bytes are done. */
  void stepBy(long bytes) {
    stepTo(done + bytes);
  }

  /** Says how many bytes are done by now. */
  void stepTo(long bytes) {
    done = bytes;
    if (!decided && clock.getAsLong() - begun >= SHORT_NANOS) {
      decided = true;
      bar = isTerminal() ? show(Duration.ofNanos(clock.getAsLong() - begun)) : null;
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  private ProgressBar show(Duration elapsed) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .startsFrom(done, elapsed)
        .setUnit(" MiB", 1 << 20)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .setConsumer(new TerminalLine(err, WIDTH))
        .build();
  }

  /**
   * Says whether standard error is a terminal. The JVM itself knows only of standard input and
   * output.
   */
  @SuppressWarnings("SystemConsoleNull") // null with -Djdk.console=java.base
  static boolean isTerminal() {
    String known = System.getProperty(TERMINAL_PROPERTY);
    if (known != null) {
      return Boolean.parseBoolean(known);
    }
    return isTerminal(System.console(), Console::isTerminal);
  }

  /** Some JVMs have a console wherever they run, others only on a terminal. */
  static <C> boolean isTerminal(@Nullable C console, Predicate<C> terminal) {
    return console != null && terminal.test(console);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      err.print("\r" + " ".repeat(WIDTH) + "\r");
      err.flush();
    }
  }

  /** The line of the terminal that progress is shown in. It stays the current one. */
  private static final class TerminalLine extends ConsoleProgressBarConsumer {
    TerminalLine(PrintStream err, int width) {
      super(err, width);
    }

    @Override
    public void close() {}
  }
}

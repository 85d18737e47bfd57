package io.disky.cli;

import io.disky.CorruptionStrategy;
import io.disky.ReaderOptions;
import io.disky.SkippedRegion;
import java.io.PrintStream;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of a command that can go on after damage. */
@Command
final class RecoverySettings {
  @Option(
      names = "--recover",
      description =
          "Skip damaged parts instead of stopping at the first one, and print a message for each"
              + " skipped part. The exit status is still 0.")
  private boolean recover;

  @Option(
      names = "--no-scan",
      description =
          "With --recover, leave out records that only a search finds, because they might belong to"
              + " a record file inside a record.")
  private boolean noScan;

  /** Returns whether the command goes on after damage. */
  boolean recovers() {
    return recover;
  }

  /** The options for reading the file called {@code name}. */
  ReaderOptions options(String name, PrintStream err) {
    return options(name, message -> Failure.print(message, err));
  }

  /**
   * The options for reading the file called {@code name}.
   *
   * @param messages gets a message about each skipped region
   */
  ReaderOptions options(String name, Consumer<String> messages) {
    return recover ? recovering(name, !noScan, messages) : ReaderOptions.defaults();
  }

  /** Options that go on after damage and print a message to {@code err} for each skipped region. */
  static ReaderOptions recovering(String name, boolean scan, PrintStream err) {
    return recovering(name, scan, message -> Failure.print(message, err));
  }

  private static ReaderOptions recovering(String name, boolean scan, Consumer<String> messages) {
    return recovering(region -> messages.accept(SkippedRegionText.of(name, region))).withScan(scan);
  }

  /** Options that go on after damage and report each skipped region to {@code listener}. */
  static ReaderOptions recovering(Consumer<SkippedRegion> listener) {
    return recovering(ReaderOptions.defaults(), listener);
  }

  /** These {@code options}, but going on after damage and reporting it to {@code listener}. */
  static ReaderOptions recovering(ReaderOptions options, Consumer<SkippedRegion> listener) {
    return options
        .withCorruptionStrategy(CorruptionStrategy.RECOVER)
        .withSkippedRegionListener(listener);
  }
}

package io.disky.cli;

import io.disky.CorruptionStrategy;
import io.disky.ReaderOptions;
import io.disky.SkippedRegion;
import java.io.PrintStream;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of a command that can read on behind damage. */
@Command
final class RecoverySettings {
  @Option(
      names = "--recover",
      description =
          "Skip what is damaged instead of stopping there, and say what was skipped. The exit status"
              + " is 0 all the same.")
  private boolean recover;

  @Option(
      names = "--no-scan",
      description =
          "With --recover, leave out records that only a search finds: those that might belong to a"
              + " record file inside of a record.")
  private boolean noScan;

  /** Whether to read on behind damage. */
  boolean recovers() {
    return recover;
  }

  /** How to read the file with this name. */
  ReaderOptions options(String name, PrintStream err) {
    return recover ? recovering(name, !noScan, err) : ReaderOptions.defaults();
  }

  /** How to read a file with this name on behind damage, reporting what is skipped. */
  static ReaderOptions recovering(String name, boolean scan, PrintStream err) {
    return recovering(region -> Failure.print(SkippedRegionText.of(name, region), err))
        .withScan(scan);
  }

  /** How to read a file on behind damage. */
  static ReaderOptions recovering(Consumer<SkippedRegion> listener) {
    return ReaderOptions.defaults()
        .withCorruptionStrategy(CorruptionStrategy.RECOVER)
        .withSkippedRegionListener(listener);
  }
}

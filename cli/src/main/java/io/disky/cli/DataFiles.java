package io.disky.cli;

import io.disky.DerivedFile;
import io.disky.files.QuotedText;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/** Which files are data, of those that were not each named by themselves. */
final class DataFiles {
  private DataFiles() {}

  /** Says whether {@code file} may be data; if not, says so to the user, too. */
  static boolean isData(Path file, PrintStream err) {
    Optional<DerivedFile> derived = DerivedFile.of(file);
    derived.ifPresent(kind ->
        Failure.print(QuotedText.name(file) + ": left out: it is " + kind + ", and no data", err));
    return derived.isEmpty();
  }
}

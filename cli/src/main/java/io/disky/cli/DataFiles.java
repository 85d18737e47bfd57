package io.disky.cli;

import io.disky.DerivedFile;
import io.disky.files.QuotedText;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/** Decides which files are data, among those that the user did not name one by one. */
final class DataFiles {
  private DataFiles() {}

  /**
   * Returns whether a remote file called {@code name} may be data. If it has the name of a saved
   * index, prints a message to {@code err}.
   */
  static boolean isNamedAsData(String name, PrintStream err) {
    boolean isIndex = name.endsWith(".index");
    if (isIndex) {
      Failure.print(QuotedText.name(name) + ": left out: it has the name of a saved index", err);
    }
    return !isIndex;
  }

  /** Returns whether {@code file} may be data. If it is not, prints a message to {@code err}. */
  static boolean isData(Path file, PrintStream err) {
    Optional<DerivedFile> derived = DerivedFile.of(file);
    derived.ifPresent(kind ->
        Failure.print(QuotedText.name(file) + ": left out: it is " + kind + ", not data", err));
    return derived.isEmpty();
  }
}

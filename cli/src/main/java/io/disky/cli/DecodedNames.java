package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Detects names that the JVM could not decode. Bytes that are not valid in the encoding of the
 * locale become replacement characters, so the name would refer to another file or to none.
 */
final class DecodedNames {
  private static final char REPLACEMENT = '\ufffd';

  private DecodedNames() {}

  /**
   * Returns whether the names of the working directory and of all arguments could be decoded;
   * prints a message about the first one that could not. If an argument contains a replacement
   * character and a file of that name exists, the argument was decoded correctly.
   */
  static boolean check(String[] args, PrintStream err) {
    if (!isDecoded(System.getProperty("user.dir", ""))) {
      Failure.print(
          message(
              "the name of the working directory, "
                  + QuotedText.name(System.getProperty("user.dir"))
                  + ","),
          err);
      return false;
    }
    for (String arg : args) {
      if (!isDecoded(arg)) {
        Failure.print(message("the argument " + QuotedText.name(arg)), err);
        return false;
      }
    }
    return true;
  }

  /** A message that states the fault of {@code name} and the remedy. */
  static String message(String name) {
    return name
        + " has characters that are not in the encoding of the locale, "
        + System.getProperty("sun.jnu.encoding", "?")
        + ": choose another locale, such as LC_ALL=C.UTF-8, or another name; a pattern such as"
        + " 'x*' can name any file";
  }

  private static boolean isDecoded(String name) {
    return name.indexOf(REPLACEMENT) < 0 || exists(name);
  }

  private static boolean exists(String name) {
    try {
      return Files.exists(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}

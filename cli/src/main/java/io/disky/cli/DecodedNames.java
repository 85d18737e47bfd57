package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Finds names that the JVM could not decode: bytes that are no text in the encoding of the locale
 * become replacement characters, and then mean another file, or none.
 */
final class DecodedNames {
  private static final char REPLACEMENT = '\ufffd';

  private DecodedNames() {}

  /**
   * Says whether the working directory and all arguments were decoded; reports what was not. An
   * argument that has a replacement character because a file has it in its name is one that was.
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

  /** What is wrong with {@code name} and what helps. */
  static String message(String name) {
    return name
        + " has characters that are not in the encoding of the locale, "
        + System.getProperty("sun.jnu.encoding", "?")
        + ": choose another locale, such as LC_ALL=C.UTF-8, or another name; a pattern such as"
        + " 'x*' names a file whatever its bytes are";
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

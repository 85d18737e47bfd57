package io.disky.files;

import java.io.File;
import java.nio.charset.StandardCharsets;

/**
 * Prepares names and other texts from outside for people: quotes them as {@code ls} does on a
 * terminal, so that a text can neither control the terminal nor imitate a line of this program.
 * Text for programs is never quoted.
 */
public final class QuotedText {
  /**
   * Characters that have a special meaning for a shell. On Windows every path contains the
   * backslash as separator.
   */
  private static final String SPECIAL =
      " !\"$&'()*;<=>?[^`|" + (File.separatorChar == '\\' ? "" : "\\");

  /** Characters that keep their special meaning inside double quotes. */
  private static final String SPECIAL_IN_DOUBLE_QUOTES = "!\"$\\`";

  /**
   * Control characters that have an escape letter; LETTERS contains these letters in the same
   * order.
   */
  private static final String LETTERED = "\u0007\b\t\n\u000b\f\r";

  private static final String LETTERS = "abtnvfr";

  private QuotedText() {}

  /**
   * The name of a file, or of a substitute for one. Returns the name unchanged if a shell reads it
   * as one word; else in quotes. Characters that cannot be printed are escaped as in {@code
   * 'a'$'\n''b'}.
   */
  public static String name(Object name) {
    String text = name.toString();
    return isOneWord(text) ? text : quoted(text);
  }

  /**
   * A text at the end of a line, which may contain spaces. Returns the text unchanged if it can be
   * printed completely and does not begin like a quoted text; else in quotes, as {@link #name}
   * does.
   */
  public static String line(String text) {
    boolean looksQuoted = text.startsWith("'") || text.startsWith("\"") || text.startsWith("$'");
    return isPrintable(text) && !looksQuoted ? text : quoted(text);
  }

  /**
   * A message that may contain line breaks or texts from outside. Characters that cannot be printed
   * are escaped as in {@code \n}; all others are unchanged.
   */
  public static String message(String message) {
    if (isPrintable(message)) {
      return message;
    }
    StringBuilder result = new StringBuilder();
    message
        .codePoints()
        .forEach(c -> {
          if (isPrintable(c)) {
            result.appendCodePoint(c);
          } else {
            appendEscape(result, c);
          }
        });
    return result.toString();
  }

  private static boolean isOneWord(String text) {
    if (text.isEmpty() || text.charAt(0) == '#' || text.charAt(0) == '~') {
      return false;
    }
    return isPrintable(text) && !containsAny(text, SPECIAL);
  }

  private static String quoted(String text) {
    boolean simple = text.indexOf('\'') >= 0 && isPrintable(text);
    if (simple && !containsAny(text, SPECIAL_IN_DOUBLE_QUOTES)) {
      return '"' + text + '"';
    }
    StringBuilder result = new StringBuilder("'");
    boolean escaping = false;
    for (int c : text.codePoints().toArray()) {
      boolean printable = isPrintable(c);
      if (printable == escaping) {
        result.append(printable ? "''" : "'$'");
        escaping = !printable;
      }
      if (c == '\'') {
        result.append("'\\''");
      } else if (printable) {
        result.appendCodePoint(c);
      } else {
        appendEscape(result, c);
      }
    }
    return result.append('\'').toString();
  }

  // The two loops run when a file is opened. Streams take milliseconds in a JVM that has just
  // started, and a microsecond later.

  private static boolean containsAny(String text, String characters) {
    for (int i = 0; i < characters.length(); i++) {
      if (text.indexOf(characters.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      if (!isPrintable(text.codePointAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns false for characters that move the cursor, have no width, change the direction of text,
   * or are not assigned.
   */
  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /**
   * Appends an escape that shells know: a letter, the bytes in UTF-8, or, for a character without
   * UTF-8 bytes, its code.
   */
  private static void appendEscape(StringBuilder result, int c) {
    int letter = LETTERED.indexOf(c);
    if (letter >= 0) {
      result.append('\\').append(LETTERS.charAt(letter));
    } else if (Character.getType(c) == Character.SURROGATE) {
      result.append("\\u").append(Integer.toHexString(c));
    } else {
      for (byte unit : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
        appendOctal(result, unit);
      }
    }
  }

  private static void appendOctal(StringBuilder result, byte unit) {
    result.append('\\');
    for (int shift = 6; shift >= 0; shift -= 3) {
      result.append((char) ('0' + ((unit & 0xff) >> shift) % 8));
    }
  }
}

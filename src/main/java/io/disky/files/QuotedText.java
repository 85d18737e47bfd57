package io.disky.files;

import java.nio.charset.StandardCharsets;

/**
 * Names and other texts from outside as people are shown them: quoted as {@code ls} does on a
 * terminal, so that none can steer the terminal or pass for a line of ours. Text for programs is
 * never quoted.
 */
public final class QuotedText {
  /** What a shell takes for something else than a part of a name. */
  private static final String SPECIAL = " !\"$&'()*;<=>?[\\^`|";

  /** What double quotes do not take the meaning of. */
  private static final String SPECIAL_IN_DOUBLE_QUOTES = "!\"$\\`";

  /** Control characters that have a letter, and their letters. */
  private static final String LETTERED = "\u0007\b\t\n\u000b\f\r";

  private static final String LETTERS = "abtnvfr";

  private QuotedText() {}

  /**
   * The name of a file, or of what stands for one: itself if a shell takes it for one word, else in
   * quotes. What cannot be printed is escaped as in {@code 'a'$'\n''b'}.
   */
  public static String name(Object name) {
    String text = name.toString();
    return isOneWord(text) ? text : quoted(text);
  }

  /**
   * A text that may have spaces, and is the last on its line: itself if all of it can be printed
   * and it does not begin like a quoted one, else in quotes as above.
   */
  public static String line(String text) {
    boolean looksQuoted = text.startsWith("'") || text.startsWith("\"") || text.startsWith("$'");
    return isPrintable(text) && !looksQuoted ? text : quoted(text);
  }

  /**
   * A message that may have lines or texts from outside in it: what cannot be printed is escaped as
   * in {@code \n}, all else stays.
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
    return isPrintable(text) && text.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0);
  }

  private static String quoted(String text) {
    boolean simple = text.indexOf('\'') >= 0 && isPrintable(text);
    if (simple && text.chars().noneMatch(c -> SPECIAL_IN_DOUBLE_QUOTES.indexOf(c) >= 0)) {
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

  private static boolean isPrintable(String text) {
    return text.codePoints().allMatch(QuotedText::isPrintable);
  }

  /** Not so what moves the cursor, has no width, turns the direction, or has no meaning yet. */
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

  /** An escape that shells know: a letter, the bytes in UTF-8, or what has none. */
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

package io.disky.order;

import org.jspecify.annotations.Nullable;

/** Reads the fields of the text of a state, one after the other. */
final class StateFields {
  private static final int LONGEST_QUOTE = 60;

  private final String text;
  // Where the next field begins; one more than the length of the text after the last one.
  private int at;

  StateFields(String text) {
    this.text = text;
  }

  /** The text up to the next space. */
  String word() {
    int end = text.indexOf(' ', at);
    end = end < 0 ? text.length() : end;
    String word = text.substring(Math.min(at, text.length()), end);
    at = end + 1;
    return word;
  }

  /** The text before the next field, without the space before it. */
  String before() {
    return text.substring(0, Math.min(at - 1, text.length()));
  }

  /** The value of the next field, which must have this name and not be empty. */
  String value(String name) {
    String field = word();
    if (!field.startsWith(name + "=")) {
      throw new IllegalArgumentException(
          "the state has "
              + (field.isEmpty() ? "nothing" : quoted(field))
              + " instead of the field "
              + name
              + ": the text was changed or cut; use an intact copy");
    }
    String value = field.substring(name.length() + 1);
    if (value.isEmpty()) {
      throw new IllegalArgumentException("the field " + name + " of the state is empty");
    }
    return value;
  }

  /** The next field, which must be a number of at least {@code least}. */
  long number(String name, long least) {
    return number(name, value(name), least);
  }

  /** The number that a field contains. */
  static long number(String name, String value, long least) {
    long number;
    try {
      number = Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw notANumber(name, value, e);
    }
    if (number < least || !Long.toString(number).equals(value)) {
      throw notANumber(name, value, null);
    }
    return number;
  }

  private static IllegalArgumentException notANumber(
      String name, String value, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "the field " + name + " of the state is " + quoted(value) + ", not a valid number", cause);
  }

  /** Checks that there are no further fields. */
  void end() {
    if (at <= text.length()) {
      throw new IllegalArgumentException(
          "the state goes on after its last field with " + quoted(text.substring(at)));
    }
  }

  /** The beginning of a text, in quotation marks. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), LONGEST_QUOTE); i++) {
      char letter = text.charAt(i);
      quoted.append(letter >= ' ' && letter < 0x7f ? letter : '?');
    }
    return quoted.append(text.length() > LONGEST_QUOTE ? "...\"" : "\"").toString();
  }
}

package io.disky.cli;

import org.jspecify.annotations.Nullable;

/**
 * Writes JSON in ASCII: in one line, or with a line for each value, indented by two spaces for each
 * level. Not thread-safe.
 */
final class Json {
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int DELETE = 0x7f;

  private final StringBuilder text = new StringBuilder();
  private final boolean inLines;
  private int depth;
  private boolean empty = true;

  /** Writes a line for each value. */
  Json() {
    this(true);
  }

  private Json(boolean inLines) {
    this.inLines = inLines;
  }

  /** Writes everything in one line. */
  static Json inOneLine() {
    return new Json(false);
  }

  /** Begins an object, as a value or an element. */
  Json beginObject() {
    return begin('{');
  }

  Json endObject() {
    return end('}');
  }

  /** Begins an array, as a value or an element. */
  Json beginArray() {
    return begin('[');
  }

  Json endArray() {
    return end(']');
  }

  /** Begins a member of an object; the caller adds its value next. */
  Json name(String name) {
    separate();
    quote(name);
    text.append(": ");
    return this;
  }

  /** The value of a member. */
  Json value(@Nullable String value) {
    if (value == null) {
      text.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  /** The value of a member. */
  Json value(long value) {
    text.append(value);
    return this;
  }

  /** The value of a member. */
  Json value(boolean value) {
    text.append(value);
    return this;
  }

  /** The value of a member: a finite number. */
  Json value(double value) {
    text.append(value);
    return this;
  }

  /** Begins an element of an array; the caller adds its value next. */
  Json element() {
    separate();
    return this;
  }

  /**
   * Returns the text so far and removes it, so that a large document need not be in memory
   * completely.
   */
  String take() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }

  private Json begin(char bracket) {
    text.append(bracket);
    depth++;
    empty = true;
    return this;
  }

  private Json end(char bracket) {
    depth--;
    if (!empty) {
      indent();
    }
    text.append(bracket);
    empty = false;
    return this;
  }

  private void separate() {
    if (!empty) {
      text.append(inLines ? "," : ", ");
    }
    empty = false;
    indent();
  }

  private void indent() {
    if (!inLines) {
      return;
    }
    text.append('\n');
    for (int i = 0; i < depth; i++) {
      text.append("  ");
    }
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      escape(value.charAt(i));
    }
    text.append('"');
  }

  private void escape(char c) {
    if (c == '"' || c == '\\') {
      text.append('\\').append(c);
    } else if (c >= FIRST_PRINTABLE && c < DELETE) {
      text.append(c);
    } else {
      text.append("\\u");
      for (int shift = 12; shift >= 0; shift -= 4) {
        text.append(Character.forDigit(c >> shift & 15, 16));
      }
    }
  }
}

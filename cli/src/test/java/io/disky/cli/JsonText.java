package io.disky.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A strict parser of JSON: maps, lists, strings, longs, doubles, booleans and null. */
final class JsonText {
  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  /** Parses {@code text}. Throws an IllegalArgumentException if it is not valid JSON. */
  static @Nullable Object parse(String text) {
    JsonText json = new JsonText(text);
    Object value = json.value();
    json.skipSpace();
    if (json.at != text.length()) {
      throw json.unexpected();
    }
    return value;
  }

  private @Nullable Object value() {
    skipSpace();
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object() {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    expect('{');
    if (closes('}')) {
      return members;
    }
    do {
      skipSpace();
      String name = string();
      skipSpace();
      expect(':');
      if (members.containsKey(name)) {
        throw new IllegalArgumentException("twice: " + name);
      }
      members.put(name, value());
    } while (continues('}'));
    return members;
  }

  private List<@Nullable Object> array() {
    List<@Nullable Object> elements = new ArrayList<>();
    expect('[');
    if (closes(']')) {
      return elements;
    }
    do {
      elements.add(value());
    } while (continues(']'));
    return elements;
  }

  private boolean closes(char bracket) {
    skipSpace();
    if (peek() != bracket) {
      return false;
    }
    at++;
    return true;
  }

  private boolean continues(char bracket) {
    if (closes(bracket)) {
      return false;
    }
    expect(',');
    return true;
  }

  private String string() {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      if (c < ' ') {
        throw unexpected();
      }
      string.append(c == '\\' ? escaped() : c);
    }
    at++;
    return string.toString();
  }

  private char escaped() {
    char c = text.charAt(at++);
    if (c == 'u') {
      at += 4;
      return (char) Integer.parseInt(text, at - 4, at, 16);
    }
    int known = "\"\\/bfnrt".indexOf(c);
    if (known < 0) {
      throw unexpected();
    }
    return "\"\\/\b\f\n\r\t".charAt(known);
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    if (!text.startsWith(word, at)) {
      throw unexpected();
    }
    at += word.length();
    return value;
  }

  private Object number() {
    int begin = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String number = text.substring(begin, at);
    if (number.matches("-?(0|[1-9][0-9]*)")) {
      return Long.parseLong(number);
    }
    if (number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
      return Double.parseDouble(number);
    }
    throw unexpected();
  }

  private char peek() {
    if (at == text.length()) {
      throw unexpected();
    }
    return text.charAt(at);
  }

  private void expect(char c) {
    if (peek() != c) {
      throw unexpected();
    }
    at++;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException("not JSON at " + at + ": " + text);
  }
}

package io.disky.bench;

import io.disky.Compression;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The arguments of a {@link Worker}, each {@code NAME=VALUE}: {@code work}, {@code input}, {@code
 * output}, {@code records}, {@code level} ({@code none} or one of zstd's), {@code threads}, {@code
 * count}.
 */
final class Arguments {
  private final Map<String, String> values = new HashMap<>();

  static Arguments parse(String... arguments) {
    Arguments parsed = new Arguments();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(argument + " is not NAME=VALUE");
      }
      parsed.values.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return parsed;
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + "= is missing");
    }
    return value;
  }

  Path path(String name) {
    return Path.of(text(name));
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }

  Compression compression() {
    return isCompressed() ? Compression.zstd(level()) : Compression.none();
  }

  boolean isCompressed() {
    return !text("level").equals("none");
  }

  int level() {
    return number("level");
  }
}

package io.disky.spark.write;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Reads the options of a query. A value that is not allowed is an error that names the option. */
final class OptionReader {
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,18})\\s*([kmgt]?)(i?b)?");

  private final CaseInsensitiveStringMap options;

  OptionReader(CaseInsensitiveStringMap options) {
    this.options = options;
  }

  /** The value of an option that is a text with rules of its own. */
  <T> T parsed(String option, String preset, String allowed, Function<String, T> parse) {
    String value = options.getOrDefault(option, preset);
    try {
      return parse.apply(value);
    } catch (IllegalArgumentException e) {
      throw refused(option, value, allowed, e);
    }
  }

  /**
   * The value of an option that has a few values. Case does not matter, nor do underscores.
   *
   * @param names the values by their names in lower case
   */
  <T> T oneOf(String option, T preset, Map<String, T> names, String allowed) {
    String value = options.get(option);
    if (value == null) {
      return preset;
    }
    T known = names.get(value.strip().toLowerCase(Locale.ROOT).replace("_", ""));
    if (known == null) {
      throw refused(option, value, allowed, null);
    }
    return known;
  }

  /** The value of an option that is on or off; off by default. */
  boolean flag(String option) {
    return oneOf(option, false, Map.of("true", true, "false", false), "true or false");
  }

  /** The value of an option that is a number. */
  long number(String option, long preset, long least, long most) {
    String value = options.get(option);
    if (value == null) {
      return preset;
    }
    try {
      return inRange(Long.parseLong(value.strip()), least, most);
    } catch (IllegalArgumentException e) {
      throw refused(option, value, "a number from " + least + " to " + most, e);
    }
  }

  /**
   * The value of an option that is a number of bytes: {@code 1048576}, {@code 1m}, {@code 1 MiB}.
   */
  long bytes(String option, long preset, long most) {
    String value = options.get(option);
    if (value == null) {
      return preset;
    }
    try {
      return inRange(parseBytes(value), 1, most);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(option, value, "1 to " + most + " bytes, as 1048576 or 1m", e);
    }
  }

  private static long parseBytes(String value) {
    Matcher matcher = BYTES.matcher(value.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a number of bytes");
    }
    String unit = matcher.group(2);
    long factor = unit.isEmpty() ? 1 : 1L << (10 * ("kmgt".indexOf(unit) + 1));
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
  }

  private static long inRange(long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException("outside the range");
    }
    return value;
  }

  private static IllegalArgumentException refused(
      String option, String value, String allowed, @org.jspecify.annotations.Nullable Exception e) {
    return new IllegalArgumentException(
        "disky: option " + option + " = '" + value + "': expected " + allowed, e);
  }
}

package io.disky.spark.files;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;

/** Reads the options of a query. A value that is not allowed is an error that names the option. */
public final class OptionReader {
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,18})\\s*([kmgt]?)(i?b)?");

  private final CaseInsensitiveStringMap options;

  /** Reads {@code options}, whose names are in any case. */
  public OptionReader(CaseInsensitiveStringMap options) {
    this.options = options;
  }

  /** The value of an option as text; {@code null} if it is not set. */
  public @Nullable String text(String option) {
    return options.get(option);
  }

  /**
   * The value of an option that is a text with rules of its own; {@code null} if it is not set.
   *
   * @param parse throws an {@link IllegalArgumentException} for a text that is not allowed
   */
  public <T> @Nullable T parsed(String option, String allowed, Function<String, T> parse) {
    String value = options.get(option);
    if (value == null) {
      return null;
    }
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
  public <T> T oneOf(String option, T preset, Map<String, T> names, String allowed) {
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

  /** The value of an option that is on or off. */
  public boolean flag(String option, boolean preset) {
    return oneOf(option, preset, Map.of("true", true, "false", false), "true or false");
  }

  /** The value of an option that is a number. */
  public long number(String option, long preset, long least, long most) {
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
   * The value of an option that is a number of bytes, at least 1: {@code 1048576}, {@code 1m},
   * {@code 1 MiB}.
   */
  public long bytes(String option, long preset) {
    Long bytes =
        parsed(option, "a number of bytes from 1 on, as 1048576 or 1m", OptionReader::parseBytes);
    return bytes == null ? preset : bytes;
  }

  /**
   * A number of bytes, with or without a unit: {@code 1048576}, {@code 1m}, {@code 1 MiB}. A unit
   * is a power of 1,024.
   *
   * @throws IllegalArgumentException if it is not a number of bytes from 1 to {@link
   *     Long#MAX_VALUE}
   */
  public static long parseBytes(String value) {
    Matcher matcher = BYTES.matcher(value.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a number of bytes: " + value);
    }
    String unit = matcher.group(2);
    long factor = unit.isEmpty() ? 1 : 1L << (10 * ("kmgt".indexOf(unit) + 1));
    long number = Long.parseLong(matcher.group(1));
    if (number > Long.MAX_VALUE / factor) {
      throw new IllegalArgumentException("too many bytes: " + value);
    }
    return inRange(number * factor, 1, Long.MAX_VALUE);
  }

  private static long inRange(long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException("outside the range");
    }
    return value;
  }

  private static IllegalArgumentException refused(
      String option, String value, String allowed, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "disky: option " + option + " = '" + value + "': expected " + allowed, cause);
  }
}

package io.disky.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The value of the header {@code Content-Range}.
 *
 * @param first position of the first byte; -1 if no range was sent
 * @param last position of the last byte; -1 if no range was sent
 * @param size size of the file in bytes; -1 if the server does not state it
 */
public record ContentRange(long first, long last, long size) {
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
  private static final Pattern NO_RANGE = Pattern.compile("bytes \\*/(\\d{1,18})");

  /** Reads a value; {@code null} if it is not one that states the size. */
  public static @Nullable ContentRange parse(String value) {
    Matcher range = RANGE.matcher(value);
    if (range.matches()) {
      ContentRange result =
          new ContentRange(
              Long.parseLong(range.group(1)),
              Long.parseLong(range.group(2)),
              Long.parseLong(range.group(3)));
      return result.first <= result.last && result.last < result.size ? result : null;
    }
    Matcher none = NO_RANGE.matcher(value);
    return none.matches() ? new ContentRange(-1, -1, Long.parseLong(none.group(1))) : null;
  }

  /** Number of bytes that were sent. */
  public long length() {
    return first < 0 ? 0 : last - first + 1;
  }
}

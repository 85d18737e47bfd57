package io.disky.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The value of the header {@code Retry-After}. */
public final class RetryAfter {
  private RetryAfter() {}

  /**
   * The delay that a value states: seconds, or a date; a date in the past is a delay of 0.
   *
   * @return {@code null} if there is no value, or it cannot be understood
   */
  public static @Nullable Duration delay(@Nullable String value) {
    String stated = value == null ? "" : value.strip();
    if (stated.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(stated));
    }
    try {
      Instant time = ZonedDateTime.parse(stated, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration delay = Duration.between(Instant.now(), time);
      return delay.isNegative() ? Duration.ZERO : delay;
    } catch (DateTimeException _) {
      return null;
    }
  }
}

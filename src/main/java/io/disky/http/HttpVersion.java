package io.disky.http;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The version of a file on a server of HTTP.
 *
 * @param text the strong entity tag; without one the time of the last change, without that the weak
 *     entity tag; empty if the server states none of them
 * @param weak whether the bytes may differ although the text is the same: a weak entity tag, or a
 *     time within the second of the answer, in which the file can change again
 */
record HttpVersion(String text, boolean weak) {
  private static final String WEAK = "W/";

  /** The version that the headers of an answer state. */
  static HttpVersion of(HttpHeaders headers) {
    Optional<String> tag = headers.firstValue("ETag").map(String::strip);
    if (tag.isPresent() && isStrong(tag.get())) {
      return new HttpVersion(tag.get(), false);
    }
    Optional<String> changed = headers.firstValue("Last-Modified").map(String::strip);
    if (changed.isPresent()) {
      return new HttpVersion(changed.get(), !isEarlier(changed.get(), headers.firstValue("Date")));
    }
    return new HttpVersion(tag.orElse(""), true);
  }

  /**
   * The version that the headers of an answer state, if {@code wanted} was stated before. A server
   * may add a strong entity tag when the file is older than a second; the time of the last change
   * is then still the same.
   */
  static HttpVersion of(HttpHeaders headers, String wanted) {
    HttpVersion version = of(headers);
    boolean same =
        !isStrong(wanted)
            && (headers.firstValue("Last-Modified").map(String::strip).equals(Optional.of(wanted))
                || (wanted.startsWith(WEAK)
                    && opaque(headers.firstValue("ETag").orElse("")).equals(opaque(wanted))));
    return same ? new HttpVersion(wanted, version.weak) : version;
  }

  /** Whether an entity tag differs whenever the bytes differ. */
  static boolean isStrong(String tag) {
    return tag.length() >= 2 && tag.startsWith("\"") && tag.endsWith("\"");
  }

  private static String opaque(String tag) {
    String text = tag.strip();
    return text.startsWith(WEAK) ? text.substring(WEAK.length()) : text;
  }

  /** Whether the last change was in an earlier second than the answer. */
  private static boolean isEarlier(String changed, Optional<String> answered) {
    Instant change = time(changed);
    Instant answer = time(answered.orElse("").strip());
    return change != null && answer != null && change.isBefore(answer);
  }

  private static @Nullable Instant time(String value) {
    try {
      return ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException _) {
      return null;
    }
  }
}

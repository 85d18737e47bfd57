package io.disky.http;

import java.util.Optional;

/** The version of a file on a server of HTTP. */
final class HttpVersion {
  private HttpVersion() {}

  /** Whether an entity tag differs whenever the bytes differ. */
  static boolean isStrong(String tag) {
    return tag.length() >= 2 && tag.startsWith("\"") && tag.endsWith("\"");
  }

  /** The version of a file without a strong entity tag. */
  static String of(Optional<String> lastModified, long size) {
    return lastModified.map(time -> "of " + time).orElse("without date") + ", " + size + " bytes";
  }
}

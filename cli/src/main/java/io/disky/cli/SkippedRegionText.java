package io.disky.cli;

import io.disky.SkippedRegion;
import io.disky.files.QuotedText;
import java.util.Locale;

/** The message about a skipped region. */
final class SkippedRegionText {
  private SkippedRegionText() {}

  static String of(String file, SkippedRegion region) {
    return String.format(
        Locale.ROOT,
        "%s: skipped %,d bytes from %d to %d%s: %s",
        QuotedText.name(file),
        region.size(),
        region.begin(),
        region.end(),
        region.scanned() ? " (found by a search)" : "",
        region.reason());
  }
}

package io.disky.cli;

import io.disky.SkippedRegion;
import io.disky.files.QuotedText;
import java.util.List;
import java.util.Locale;

/** Skipped regions as messages and as JSON. */
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

  /** Adds a member {@code name} with an array of {@code regions}. */
  static void add(Json json, String name, List<SkippedRegion> regions) {
    json.name(name).beginArray();
    for (SkippedRegion region : regions) {
      json.element().beginObject();
      json.name("begin").value(region.begin());
      json.name("end").value(region.end());
      json.name("reason").value(String.valueOf(region.reason()));
      json.endObject();
    }
    json.endArray();
  }
}

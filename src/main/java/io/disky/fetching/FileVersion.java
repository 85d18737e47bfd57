package io.disky.fetching;

import io.disky.files.QuotedText;
import java.lang.System.Logger.Level;

/**
 * A version of a file. All requests after the first one must answer with this version.
 *
 * @param weak whether the contents may differ although the version is the same
 */
record FileVersion(String name, long size, String version, boolean weak) {
  /** Reports a weak version, because a replacement of the file may not be noticed. */
  void reportIfWeak(FetchCounters counters) {
    if (!weak) {
      return;
    }
    counters.weakVersions.increment();
    FetchEvents.weakVersion(this);
    System.getLogger("io.disky")
        .log(
            Level.WARNING,
            "{0}: {1}, so a replacement of the file while it is read may not be noticed, and records"
                + " of both versions may be returned: do not replace it. A cache on a disk and saved"
                + " indexes are not used for it. A server of HTTP must send a strong ETag, or a"
                + " Last-Modified that is earlier than its Date",
            QuotedText.name(name),
            version.isEmpty()
                ? "the store states no version"
                : "the store states a version that may stay the same if the contents change ("
                    + QuotedText.message(version)
                    + ")");
  }

  /** A version in messages. */
  static String named(String version) {
    return version.isEmpty() ? "no version" : "version " + version;
  }
}

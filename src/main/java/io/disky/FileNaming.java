package io.disky;

import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;

/** Names the files of a {@link RotatingRecordWriter}. */
@FunctionalInterface
public interface FileNaming {
  /**
   * The path of a file. If a file of this path exists, the writer asks again with the next number.
   *
   * @param number 0 for the first file, then ascending
   * @param opened when the file is opened, by the clock of the {@link RotationOptions}
   */
  Path path(long number, Instant opened);

  /**
   * Names files in {@code directory} by a pattern. In the pattern, {@code {number}} stands for the
   * number of the file, with at least six digits, and {@code {time}} for the time in UTC at which
   * the file is opened, as in {@code 20261129T204500Z}. {@code log-{time}-{number}.disky} for
   * example gives names whose alphabetical order is that of the records.
   *
   * @throws IllegalArgumentException if the pattern does not contain {@code {number}}: two files
   *     could then have the same name
   */
  static FileNaming pattern(Path directory, String pattern) {
    Objects.requireNonNull(directory, "directory");
    if (!pattern.contains("{number}")) {
      throw new IllegalArgumentException(
          "the pattern for file names '" + pattern + "' does not contain {number}");
    }
    DateTimeFormatter time =
        DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    return (number, opened) ->
        directory.resolve(
            pattern
                .replace("{number}", String.format(Locale.ROOT, "%06d", number))
                .replace("{time}", time.format(opened)));
  }
}

package io.disky;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;

/** Names the files of a {@link RotatingRecordWriter}. */
@FunctionalInterface
public interface FileNaming {
  /**
   * The path of a file. If a file of this path exists, the writer requests the path of the next
   * number.
   *
   * @param number {@link #firstNumber()} for the first file of a writer, then ascending
   * @param opened when the file is opened, by the clock of the {@link RotationOptions}
   */
  Path path(long number, Instant opened);

  /**
   * The number of the first file of a writer, at least 0. {@link RotatingRecordWriter#open} calls
   * this once. The default is 0. A naming whose names contain the time as well must override this
   * method, so that the numbers go on after those of the existing files, as {@link #pattern} does.
   *
   * @throws IOException if the existing files cannot be found out; {@code open} then throws it
   */
  default long firstNumber() throws IOException {
    return 0;
  }

  /**
   * Names files in {@code directory} by a pattern: a file name with placeholders.
   *
   * <ul>
   *   <li>{@code {number}} stands for the number of the file in decimal digits, with zeros before
   *       it if it has fewer than six. The pattern must contain this placeholder.
   *   <li>{@code {time}} stands for the time at which the file is opened, in UTC and whole seconds,
   *       as in {@code 20261129T204500Z}.
   * </ul>
   *
   * <p>The {@linkplain #firstNumber() first number} of a writer is 1 more than the largest number
   * of a file in {@code directory} whose name has the form of the pattern; 0 if there is none.
   *
   * <p>{@code log-{number}-{time}.disky} gives names whose alphabetical order is the order of the
   * records, even if the clock is set back, on these conditions:
   *
   * <ul>
   *   <li>One writer at a time writes files of this pattern.
   *   <li>The file with the largest number stays in the directory while no writer is open.
   *       Otherwise the next writer uses numbers again.
   *   <li>The numbers are less than 1,000,000. The number after 999999 has seven digits, and its
   *       name comes before other names in alphabetical order.
   * </ul>
   *
   * <p>If {@code {time}} comes before {@code {number}}, the order of the names also depends on the
   * clock.
   *
   * @throws IllegalArgumentException if {@code pattern} does not contain {@code {number}} (two
   *     files could then have the same name), contains another placeholder, or is not a file name:
   *     {@code directory} is the place for names of directories
   */
  static FileNaming pattern(Path directory, String pattern) {
    Objects.requireNonNull(directory, "directory");
    return new PatternNaming(directory, pattern);
  }
}

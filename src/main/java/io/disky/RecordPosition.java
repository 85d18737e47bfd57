package io.disky;

import io.disky.reading.RecordPlace;
import org.jspecify.annotations.Nullable;

/**
 * Where a record is in a file: the chunk that holds it, and which of its records it is. Positions
 * of a file have the order of its records. {@link RecordReader#seek(RecordPosition)} goes there.
 *
 * <p>As in Google's Riegeli there is a {@linkplain #numeric() numeric form}, and a text, {@code
 * chunkBegin/recordIndex}.
 *
 * @param chunkBegin offset of the chunk in the file in bytes, at least 0
 * @param recordIndex which record of the chunk, counted from 0; the number of its records means the
 *     first one of the next chunk. The numeric form must fit a long
 */
public record RecordPosition(long chunkBegin, long recordIndex)
    implements Comparable<RecordPosition> {
  /** The first record of any file. */
  public static final RecordPosition START = new RecordPosition(0, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is negative, or both together exceed a long
   */
  public RecordPosition {
    if (chunkBegin < 0 || recordIndex < 0 || chunkBegin > Long.MAX_VALUE - recordIndex) {
      throw new IllegalArgumentException(
          "no record is at " + chunkBegin + "/" + recordIndex + ": numbers are 0 or more");
    }
  }

  static RecordPosition of(RecordPlace place) {
    return new RecordPosition(place.chunkBegin(), place.index());
  }

  /**
   * The position as one number, between 0 and the size of the file in bytes: the chunk's offset and
   * the index of the record in it. Distinct records have distinct numbers, in the order of the
   * file, because a chunk takes at least a byte of the file for each of its records. {@link
   * RecordReader#seekNumeric} finds the record again, with a few more reads of the file than this
   * position needs.
   */
  public long numeric() {
    return chunkBegin + recordIndex;
  }

  /**
   * Parses the text that {@link #toString()} returns.
   *
   * @throws IllegalArgumentException if {@code text} is not two decimal numbers with a slash
   *     between
   */
  public static RecordPosition parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw notAPosition(text, null);
    }
    return new RecordPosition(
        number(text, text.substring(0, slash)), number(text, text.substring(slash + 1)));
  }

  private static long number(String text, String digits) {
    if (digits.isEmpty() || !digits.chars().allMatch(c -> '0' <= c && c <= '9')) {
      throw notAPosition(text, null);
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw notAPosition(text, e);
    }
  }

  private static IllegalArgumentException notAPosition(String text, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not the position of a record; an example of a position is 4096/17",
        cause);
  }

  /** Compares positions in the order of the file. */
  @Override
  public int compareTo(RecordPosition other) {
    int chunks = Long.compare(chunkBegin, other.chunkBegin);
    return chunks != 0 ? chunks : Long.compare(recordIndex, other.recordIndex);
  }

  /** The two numbers with a slash between, {@code 4096/17} for example. */
  @Override
  public String toString() {
    return chunkBegin + "/" + recordIndex;
  }
}

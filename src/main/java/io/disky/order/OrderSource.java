package io.disky.order;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A source of a mix.
 *
 * @param layout its records and chunks
 * @param weight its weight, positive and finite
 * @param repeat number of passes in an epoch, positive, at most {@link #MOST_REPEATS}; a fraction
 *     is allowed
 * @param choose number of records of a pass, the first ones of its order; {@link #ALL} for all
 */
public record OrderSource(ChunkLayout layout, double weight, double repeat, long choose) {
  /** All records of a source. */
  public static final long ALL = Long.MAX_VALUE;

  /** The largest value of {@link #repeat}. */
  public static final double MOST_REPEATS = 1e9;

  /** The largest number of records in all passes of a source in an epoch. */
  static final long MOST_RECORDS = 1L << 62;

  /** Checks the values. */
  public OrderSource {
    requireWeight(weight);
    requireRepeat(repeat);
    requireChoose(choose);
    if (choose != ALL && choose > layout.records()) {
      throw new IllegalArgumentException(
          "cannot choose "
              + choose
              + " records of a source that has "
              + layout.records()
              + ": choose fewer, or repeat the source");
    }
    requireLength(layout, repeat, choose);
  }

  /** A source of which each record comes once. */
  public OrderSource(ChunkLayout layout, double weight) {
    this(layout, weight, 1, ALL);
  }

  /** Checks a weight. */
  public static void requireWeight(double weight) {
    if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("the weight " + weight + " is not positive and finite");
    }
  }

  /** Checks how often records come. */
  public static void requireRepeat(double repeat) {
    if (!(repeat > 0 && repeat <= MOST_REPEATS)) {
      throw new IllegalArgumentException(
          "repeat " + repeat + " is not above 0 and at most " + (long) MOST_REPEATS);
    }
  }

  /** Checks how many records are chosen. */
  public static void requireChoose(long choose) {
    if (choose < 1) {
      throw new IllegalArgumentException("cannot choose " + choose + " records: choose at least 1");
    }
  }

  private static void requireLength(ChunkLayout layout, double repeat, long choose) {
    BigDecimal records = exactLength(Math.min(choose, layout.records()), repeat);
    if (records.compareTo(BigDecimal.valueOf(MOST_RECORDS)) > 0) {
      throw new IllegalArgumentException(
          "repeat "
              + repeat
              + " of "
              + layout.records()
              + " records are more than "
              + MOST_RECORDS
              + " records: repeat them less often");
    }
  }

  private static BigDecimal exactLength(long pass, double repeat) {
    return BigDecimal.valueOf(pass).multiply(BigDecimal.valueOf(repeat));
  }

  /** Number of records of a pass. */
  public long passLength() {
    return Math.min(choose, layout.records());
  }

  /** Number of records of all passes: {@link #repeat} passes, rounded down. */
  public long streamLength() {
    return exactLength(passLength(), repeat).setScale(0, RoundingMode.FLOOR).longValueExact();
  }
}

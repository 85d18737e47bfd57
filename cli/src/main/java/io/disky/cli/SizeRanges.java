package io.disky.cli;

/** The ranges of sizes in the histogram of a {@link io.disky.SizeDistribution}. */
final class SizeRanges {
  private SizeRanges() {}

  /** The largest size of the range that begins with {@code from}. */
  static long to(long from) {
    return Math.max(2 * from - 1, 0);
  }
}

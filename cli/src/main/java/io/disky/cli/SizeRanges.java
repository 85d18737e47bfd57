package io.disky.cli;

/** The ranges of sizes that a {@link io.disky.SizeDistribution} counts together. */
final class SizeRanges {
  private SizeRanges() {}

  /** The largest size of the range that begins with {@code from}. */
  static long to(long from) {
    return Math.max(2 * from - 1, 0);
  }
}

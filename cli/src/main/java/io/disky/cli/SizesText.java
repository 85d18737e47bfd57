package io.disky.cli;

import io.disky.SizeDistribution;
import java.util.Locale;
import java.util.Map;

/** A {@link SizeDistribution} as text for people. */
final class SizesText {
  private static final int BAR = 20;
  private static final int UNIT = 1024;
  private static final String[] UNITS = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};

  private SizesText() {}

  /** The smallest, the largest and the mean size. */
  static String summary(SizeDistribution sizes) {
    return sizes.count() == 0
        ? "-"
        : String.format(
            Locale.ROOT,
            "%,d to %,d bytes, mean %,.1f",
            sizes.smallest(),
            sizes.largest(),
            sizes.mean());
  }

  /** A line for each range of sizes, with a bar that shows its share. */
  static String histogram(SizeDistribution sizes) {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<Long, Long> similar : sizes.histogram().entrySet()) {
      long from = similar.getKey();
      double share = (double) similar.getValue() / sizes.count();
      lines.append(
          String.format(
              Locale.ROOT,
              "  %-30s %,15d %5.1f%%  %s\n",
              range(from),
              similar.getValue(),
              100 * share,
              "#".repeat((int) Math.ceil(BAR * share))));
    }
    return lines.toString();
  }

  /** A size of {@code bytes} in a unit in which it has at most four digits before the point. */
  static String rounded(double bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= UNIT && unit < UNITS.length - 1) {
      value /= UNIT;
      unit++;
    }
    String format = unit == 0 || value >= 100 ? "%.0f%s" : "%.1f%s";
    return String.format(Locale.ROOT, format, value, UNITS[unit]);
  }

  /** The sizes of the range that begins with {@code from}. */
  static String range(long from) {
    long to = SizeRanges.to(from);
    return from == to
        ? String.format(Locale.ROOT, "%,d", from)
        : String.format(Locale.ROOT, "%,d to %,d", from, to);
  }
}

package io.disky.bench;

import java.util.Locale;

/** Formats numbers for people. */
final class Units {
  private static final String[] BYTES = {"B", "KB", "MB", "GB"};
  private static final String[] NANOS = {"ns", "µs", "ms", "s"};

  private Units() {}

  /** A size with three digits, 1 KB being 1,000 bytes. */
  static String bytes(double bytes) {
    return scaled(bytes, BYTES);
  }

  /** Does the same as {@link #bytes(double)}. */
  static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  /** A time with three digits. */
  static String nanos(double nanos) {
    return scaled(nanos, NANOS);
  }

  /** A median time with the extremes. */
  static String time(Statistics nanos) {
    return "%s (%s to %s)"
        .formatted(nanos(nanos.median()), nanos(nanos.least()), nanos(nanos.most()));
  }

  private static String scaled(double value, String[] names) {
    int name = 0;
    double scaled = value;
    while (scaled >= 999.5 && name < names.length - 1) {
      scaled /= 1000;
      name++;
    }
    return digits(scaled) + " " + names[name];
  }

  private static String digits(double value) {
    int decimals = value >= 99.95 || value == 0 ? 0 : value >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A ratio with two digits, or four if it is very small. */
  static String ratio(double ratio) {
    return String.format(Locale.ROOT, ratio < 0.01 ? "%.4f" : "%.2f", ratio);
  }

  /** A median with the extremes. */
  static String ratio(Statistics ratio) {
    return "%s (%s to %s)"
        .formatted(ratio(ratio.median()), ratio(ratio.least()), ratio(ratio.most()));
  }
}

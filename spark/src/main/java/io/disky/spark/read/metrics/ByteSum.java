package io.disky.spark.read.metrics;

import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.sql.connector.metric.CustomMetric;

/** A number of bytes, shown with a unit. */
abstract class ByteSum implements CustomMetric {
  private static final String UNITS = "KMGTPE";

  @Override
  public String aggregateTaskMetrics(long[] tasks) {
    return text(Arrays.stream(tasks).sum());
  }

  private static String text(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    double inUnit = bytes / (double) (1L << (10 * unit));
    return String.format(Locale.ROOT, "%.1f %ciB", inUnit, UNITS.charAt(unit - 1));
  }
}

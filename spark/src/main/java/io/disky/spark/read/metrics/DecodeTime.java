package io.disky.spark.read.metrics;

import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.sql.connector.metric.CustomMetric;

/** The time that tasks took to read and to decode chunks, in nanoseconds. */
public final class DecodeTime implements CustomMetric {
  /** The name by which tasks report it. */
  public static final String NAME = "decodeTime";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "time to read and decode chunks, all tasks together";
  }

  @Override
  public String aggregateTaskMetrics(long[] tasks) {
    long nanos = Arrays.stream(tasks).sum();
    return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
  }
}

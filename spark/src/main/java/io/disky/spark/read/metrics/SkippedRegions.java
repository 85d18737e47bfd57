package io.disky.spark.read.metrics;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** How many damaged regions were skipped. */
public final class SkippedRegions extends CustomSumMetric {
  /** The name by which tasks report it. */
  public static final String NAME = "skippedRegions";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "damaged regions that were skipped";
  }
}

package io.disky.spark.read.metrics;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** How many records were delivered or counted. */
public final class RecordsRead extends CustomSumMetric {
  /** The name by which tasks report it. */
  public static final String NAME = "recordsRead";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "records read";
  }
}

package io.disky.spark.read.metrics;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** How often a file was opened: once for each of its parts. */
public final class FilesOpened extends CustomSumMetric {
  /** The name by which tasks report it. */
  public static final String NAME = "filesOpened";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "times that files were opened";
  }
}

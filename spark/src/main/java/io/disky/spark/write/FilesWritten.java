package io.disky.spark.write;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** The number of files that a query has written. Public for Spark, which creates it. */
public final class FilesWritten extends CustomSumMetric {
  @Override
  public String name() {
    return WriteMetrics.FILES;
  }

  @Override
  public String description() {
    return "files written";
  }
}

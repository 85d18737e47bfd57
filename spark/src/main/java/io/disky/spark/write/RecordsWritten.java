package io.disky.spark.write;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** The number of records that a query has written. Public for Spark, which creates it. */
public final class RecordsWritten extends CustomSumMetric {
  @Override
  public String name() {
    return WriteMetrics.RECORDS;
  }

  @Override
  public String description() {
    return "records written";
  }
}

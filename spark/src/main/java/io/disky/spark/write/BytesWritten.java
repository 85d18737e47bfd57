package io.disky.spark.write;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** The size of the files that a query has written, in bytes. Public for Spark, which creates it. */
public final class BytesWritten extends CustomSumMetric {
  @Override
  public String name() {
    return WriteMetrics.BYTES;
  }

  @Override
  public String description() {
    return "bytes of files written";
  }
}

package io.disky.spark.read;

import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.Scan;

/** A scan whose tasks return columns. */
abstract class ColumnarScan implements Scan, Batch {
  @Override
  public final Batch toBatch() {
    return this;
  }

  @Override
  public final ColumnarSupportMode columnarSupportMode() {
    return ColumnarSupportMode.SUPPORTED;
  }

  @Override
  public final CustomMetric[] supportedCustomMetrics() {
    return ReadCounts.metrics();
  }
}

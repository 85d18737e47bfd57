package io.disky.spark.write;

import io.disky.spark.files.ColumnNames;
import org.apache.spark.sql.connector.distributions.Distribution;
import org.apache.spark.sql.connector.distributions.Distributions;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.SortDirection;
import org.apache.spark.sql.connector.expressions.SortOrder;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.RequiresDistributionAndOrdering;

/**
 * A query that writes records. Spark sorts the rows of each task by partition, so that a task has
 * one file open at a time.
 */
final class RecordsWrite implements RequiresDistributionAndOrdering {
  private final WritePlan plan;

  RecordsWrite(WritePlan plan) {
    this.plan = plan;
  }

  @Override
  public String description() {
    return plan.toString();
  }

  @Override
  public BatchWrite toBatch() {
    return new WriteJob(plan);
  }

  @Override
  public Distribution requiredDistribution() {
    return Distributions.unspecified();
  }

  @Override
  public SortOrder[] requiredOrdering() {
    return plan.columns().partitions().fields().stream()
        .map(column ->
            Expressions.sort(
                Expressions.column(ColumnNames.quoted(column.name())), SortDirection.ASCENDING))
        .toArray(SortOrder[]::new);
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return WriteMetrics.all();
  }
}

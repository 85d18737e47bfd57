package io.disky.spark.testing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import scala.jdk.javaapi.CollectionConverters;

/** The metrics of the scans of a query that was run, as the UI shows them. */
public final class ScanMetrics {
  private ScanMetrics() {}

  /** The rows of a query, and the metrics of its scans by their names. */
  public record Result(List<Row> rows, Map<String, Long> metrics) {}

  /** Runs {@code frame} without adaptive execution, which hides the scans. */
  public static Result run(Dataset<Row> frame) {
    SparkSession session = frame.sparkSession();
    String adaptive = session.conf().get("spark.sql.adaptive.enabled");
    session.conf().set("spark.sql.adaptive.enabled", false);
    try {
      org.apache.spark.sql.classic.Dataset<Row> classic =
          (org.apache.spark.sql.classic.Dataset<Row>) frame;
      List<Row> rows = List.of((Row[]) classic.collect());
      Map<String, Long> metrics = new HashMap<>();
      for (SparkPlan leaf : leaves(classic.queryExecution().executedPlan())) {
        CollectionConverters.asJava(leaf.metrics())
            .forEach((name, metric) -> metrics.merge(name, metric.value(), Long::sum));
      }
      return new Result(rows, metrics);
    } finally {
      session.conf().set("spark.sql.adaptive.enabled", adaptive);
    }
  }

  private static List<SparkPlan> leaves(SparkPlan plan) {
    return CollectionConverters.asJava(plan.collectLeaves());
  }
}

package io.disky.spark.read;

import io.disky.spark.files.ColumnNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.connector.read.SupportsRuntimeV2Filtering;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Reads records. */
final class RecordScan extends ColumnarScan
    implements SupportsReportStatistics, SupportsRuntimeV2Filtering {
  private final QueryFiles files;
  private final ScanTask task;
  private final List<RuntimeValues> atRuntime = new ArrayList<>();

  RecordScan(QueryFiles files, ScanTask task) {
    this.files = files;
    this.task = task;
  }

  @Override
  public StructType readSchema() {
    return task.schema();
  }

  @Override
  public String description() {
    String limit =
        task.limit() == Long.MAX_VALUE ? "" : ", at most " + task.limit() + " rows a task";
    return "disky " + files.paths() + ", predicates " + files.predicates() + limit;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return files.plan(atRuntime).toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new ReaderFactory(task, files.hadoop());
  }

  @Override
  public Statistics estimateStatistics() {
    return SizeEstimate.of(files, task);
  }

  @Override
  public NamedReference[] filterAttributes() {
    return Arrays.stream(task.schema().fieldNames())
        .filter(name -> files.columns().indexOf(name) >= 0)
        .map(name -> Expressions.column(ColumnNames.quoted(name)))
        .toArray(NamedReference[]::new);
  }

  /** Takes the values of partition columns that a join has found while the query runs. */
  @Override
  public void filter(Predicate[] predicates) {
    for (Predicate predicate : predicates) {
      RuntimeValues values = RuntimeValues.of(predicate, files.columns());
      if (values != null) {
        atRuntime.add(values);
      }
    }
  }

  @Override
  public Predicate[] pushedPredicates() {
    return atRuntime.stream().map(RuntimeValues::predicate).toArray(Predicate[]::new);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RecordScan that && files.equals(that.files) && task.equals(that.task);
  }

  @Override
  public int hashCode() {
    return Objects.hash(files, task);
  }
}

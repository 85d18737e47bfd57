package io.disky.spark.read;

import io.disky.spark.files.OptionReader;
import io.disky.spark.files.PartitionColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.filter.PartitionPredicate;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownAggregates;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects what Spark asks of a scan: the columns, predicates of partition columns, a limit, or a
 * count.
 */
public final class RecordScanBuilder
    implements SupportsPushDownRequiredColumns,
        SupportsPushDownV2Filters,
        SupportsPushDownLimit,
        SupportsPushDownAggregates {
  private final QueryFiles files;
  private StructType schema;
  private long limit = Long.MAX_VALUE;
  private @Nullable CountScan count;

  /**
   * @param schema the columns of the table: the records and {@code columns}
   * @throws IllegalArgumentException if an option has a value that is not allowed
   */
  public RecordScanBuilder(
      SparkSession session,
      StructType schema,
      PartitionColumns columns,
      CaseInsensitiveStringMap options) {
    ReadOptions readOptions = ReadOptions.of(new OptionReader(options), session.conf());
    SplitSizes.of(new OptionReader(options), session); // Reports options that are not allowed.
    this.files = new QueryFiles(session, options, columns, readOptions);
    this.schema = schema;
  }

  @Override
  public void pruneColumns(StructType required) {
    schema = required;
  }

  @Override
  public boolean supportsIterativePushdown() {
    return true;
  }

  /**
   * Takes the predicates that Spark has made of filters of partition columns, which Spark evaluates
   * itself, for each directory.
   */
  @Override
  public Predicate[] pushPredicates(Predicate[] predicates) {
    List<PartitionPredicate> taken = new ArrayList<>();
    List<Predicate> left = new ArrayList<>();
    for (Predicate predicate : predicates) {
      if (predicate instanceof PartitionPredicate ofPartition) {
        taken.add(ofPartition);
      } else {
        left.add(predicate);
      }
    }
    files.add(taken);
    return left.toArray(Predicate[]::new);
  }

  @Override
  public Predicate[] pushedPredicates() {
    return files.predicates().toArray(Predicate[]::new);
  }

  /** Each task stops after so many rows; Spark takes as many of all rows. */
  @Override
  public boolean pushLimit(int newLimit) {
    limit = newLimit;
    return true;
  }

  @Override
  public boolean isPartiallyPushed() {
    return true;
  }

  /**
   * Takes {@code COUNT(*)}, also grouped by partition columns. If damage is skipped, only decoding
   * shows which records can be read, so Spark counts them.
   */
  @Override
  public boolean pushAggregation(Aggregation aggregation) {
    boolean onlyCounts =
        Arrays.stream(aggregation.aggregateExpressions()).allMatch(CountStar.class::isInstance);
    List<StructField> groups = new ArrayList<>();
    for (Expression group : aggregation.groupByExpressions()) {
      int index =
          group instanceof NamedReference reference && reference.fieldNames().length == 1
              ? files.columns().indexOf(reference.fieldNames()[0])
              : -1;
      if (index < 0) {
        return false;
      }
      groups.add(files.columns().fields().get(index));
    }
    if (!onlyCounts || files.readOptions().recover()) {
      return false;
    }
    count = new CountScan(files, groups, aggregation.aggregateExpressions().length);
    return true;
  }

  @Override
  public Scan build() {
    return count != null
        ? count
        : new RecordScan(files, new ScanTask(schema, files.columns(), files.readOptions(), limit));
  }
}

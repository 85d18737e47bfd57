package io.disky.spark.read;

import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Counts records by the headers of chunks. Each task delivers partial counts, which Spark adds up.
 */
final class CountScan extends ColumnarScan {
  private final QueryFiles files;
  private final List<StructField> groups;
  private final int counts;

  /**
   * @param groups the partition columns by which records are grouped
   * @param counts how many columns with the count there are
   */
  CountScan(QueryFiles files, List<StructField> groups, int counts) {
    this.files = files;
    this.groups = List.copyOf(groups);
    this.counts = counts;
  }

  @Override
  public StructType readSchema() {
    StructType schema = new StructType();
    for (StructField group : groups) {
      schema = schema.add(group);
    }
    for (int i = 0; i < counts; i++) {
      schema = schema.add("count_" + i, DataTypes.LongType, false);
    }
    return schema;
  }

  @Override
  public String description() {
    return "disky " + files.paths() + ", predicates " + files.predicates() + ", counts by headers";
  }

  @Override
  public InputPartition[] planInputPartitions() {
    List<SplitPartition> tasks = files.plan(List.of());
    // A sum over no rows would be null, and not 0.
    return tasks.isEmpty() && groups.isEmpty()
        ? new InputPartition[] {new SplitPartition(List.of(), List.of())}
        : tasks.toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    CountTask task =
        new CountTask(readSchema(), groups.size(), files.columns(), files.readOptions());
    return new ReaderFactory(task, files.hadoop());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CountScan that
        && files.equals(that.files)
        && groups.equals(that.groups)
        && counts == that.counts;
  }

  @Override
  public int hashCode() {
    return Objects.hash(files, groups, counts);
  }
}

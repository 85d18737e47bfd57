package io.disky.spark;

import io.disky.spark.write.RecordsWriteBuilder;
import java.util.Arrays;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Record files under the paths of one data frame. */
final class DiskyTable implements SupportsWrite {
  private final StructType schema;
  private final Transform[] partitioning;
  private final CaseInsensitiveStringMap options;

  DiskyTable(StructType schema, Transform[] partitioning, CaseInsensitiveStringMap options) {
    this.schema = schema;
    this.partitioning = partitioning;
    this.options = options;
  }

  @Override
  public String name() {
    return "disky " + options.getOrDefault("path", options.getOrDefault("paths", ""));
  }

  @Override
  public Column[] columns() {
    return Arrays.stream(schema.fields())
        .map(field -> Column.create(field.name(), field.dataType(), field.nullable()))
        .toArray(Column[]::new);
  }

  /** What {@code partitionBy} has stated; Spark accepts that only if the table states the same. */
  @Override
  public Transform[] partitioning() {
    return partitioning.clone();
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(
        TableCapability.BATCH_WRITE, TableCapability.TRUNCATE, TableCapability.ACCEPT_ANY_SCHEMA);
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new RecordsWriteBuilder(info, partitioning);
  }
}

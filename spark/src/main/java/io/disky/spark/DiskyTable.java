package io.disky.spark;

import io.disky.spark.files.ColumnNames;
import io.disky.spark.files.FileOptions;
import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.RecordSchema;
import io.disky.spark.read.RecordScanBuilder;
import io.disky.spark.write.RecordsWriteBuilder;
import java.util.Arrays;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.catalog.SupportsMetadataColumns;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Record files under the paths of one data frame. */
final class DiskyTable implements SupportsRead, SupportsWrite, SupportsMetadataColumns {
  private final StructType schema;
  private final PartitionColumns partitionColumns;
  private final Transform[] partitionBy;
  private final CaseInsensitiveStringMap options;

  /**
   * @param schema the columns, not yet checked: those of the data frame when one is written
   * @param partitionColumns the columns of {@code schema} that directories state
   * @param partitionBy the columns that the user named with {@code DataFrameWriter.partitionBy};
   *     may be empty
   */
  DiskyTable(
      StructType schema,
      PartitionColumns partitionColumns,
      Transform[] partitionBy,
      CaseInsensitiveStringMap options) {
    this.schema = schema;
    this.partitionColumns = partitionColumns;
    this.partitionBy = partitionBy;
    this.options = options;
  }

  @Override
  public String name() {
    return "disky " + FileOptions.text(options);
  }

  @Override
  public Column[] columns() {
    return Arrays.stream(schema.fields())
        .map(field -> Column.create(field.name(), field.dataType(), field.nullable()))
        .toArray(Column[]::new);
  }

  /** Spark accepts {@code partitionBy} only if the table states the same. */
  @Override
  public Transform[] partitioning() {
    if (partitionBy.length > 0) {
      return partitionBy.clone();
    }
    return Arrays.stream(partitionColumns.schema().fieldNames())
        .map(name -> Expressions.identity(ColumnNames.quoted(name)))
        .toArray(Transform[]::new);
  }

  @Override
  public MetadataColumn[] metadataColumns() {
    return new MetadataColumn[] {new PlaceColumn()};
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(
        TableCapability.BATCH_READ,
        TableCapability.BATCH_WRITE,
        TableCapability.TRUNCATE,
        TableCapability.ACCEPT_ANY_SCHEMA);
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new RecordsWriteBuilder(info, partitionBy);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap scanOptions) {
    SparkSession session = SparkSession.active();
    RecordSchema.check(schema, partitionColumns);
    return new RecordScanBuilder(session, schema, partitionColumns, scanOptions);
  }
}

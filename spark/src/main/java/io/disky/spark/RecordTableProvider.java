package io.disky.spark;

import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.RecordSchema;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Makes tables of record files, for {@link DiskyDataSource}. */
final class RecordTableProvider implements TableProvider {
  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return RecordSchema.with(PartitionColumns.of(options));
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    CaseInsensitiveStringMap options = new CaseInsensitiveStringMap(properties);
    return new DiskyTable(schema, PartitionColumns.of(options, schema), partitioning, options);
  }

  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }
}

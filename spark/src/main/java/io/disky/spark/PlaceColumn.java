package io.disky.spark;

import io.disky.spark.files.MetadataFields;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.types.DataType;

/** The hidden column {@code _metadata}. */
final class PlaceColumn implements MetadataColumn {
  @Override
  public String name() {
    return MetadataFields.COLUMN;
  }

  @Override
  public DataType dataType() {
    return MetadataFields.type();
  }

  @Override
  public boolean isNullable() {
    return false;
  }

  @Override
  public String comment() {
    return "The file, the chunk and the number of the record.";
  }
}

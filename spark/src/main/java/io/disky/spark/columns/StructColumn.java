package io.disky.spark.columns;

import java.util.List;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;

/** A column of structures, whose fields are columns. No structure is null. */
public final class StructColumn extends ReadOnlyColumn {
  private final List<ColumnVector> fields;

  /**
   * @param fields in the order of {@code type}
   */
  public StructColumn(StructType type, List<? extends ColumnVector> fields) {
    super(type);
    this.fields = List.copyOf(fields);
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return fields.get(ordinal);
  }
}

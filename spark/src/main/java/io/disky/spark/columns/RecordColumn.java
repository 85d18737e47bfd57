package io.disky.spark.columns;

import java.util.Objects;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * The records of a chunk as a column of the type BINARY. Spark takes each value as an array of its
 * own, so each record is copied once, when Spark asks for it.
 */
public final class RecordColumn extends ReadOnlyColumn {
  private @Nullable ChunkRecords records;

  /** A column without records. */
  public RecordColumn() {
    super(DataTypes.BinaryType);
  }

  /** Sets the records of the next batch. */
  public void set(ChunkRecords records) {
    this.records = records;
  }

  @Override
  public byte[] getBinary(int row) {
    return Objects.requireNonNull(records, "records").copy(row);
  }
}

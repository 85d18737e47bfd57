package io.disky.spark.write;

import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.SupportsTruncate;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;

/** Builds the write of a query: mode append, or, after {@link #truncate()}, mode overwrite. */
public final class RecordsWriteBuilder implements SupportsTruncate {
  private final LogicalWriteInfo info;
  private final Transform[] partitionBy;
  private boolean overwrite;

  /**
   * @param partitionBy the columns that the user named with {@code DataFrameWriter.partitionBy};
   *     may be empty
   */
  public RecordsWriteBuilder(LogicalWriteInfo info, Transform[] partitionBy) {
    this.info = info;
    this.partitionBy = partitionBy.clone();
  }

  @Override
  public WriteBuilder truncate() {
    overwrite = true;
    return this;
  }

  /**
   * Checks the data frame and the options.
   *
   * @throws IllegalArgumentException if they do not fit; the message says what to change
   */
  @Override
  public Write build() {
    return new RecordsWrite(new WritePlan(info, partitionBy, overwrite));
  }
}

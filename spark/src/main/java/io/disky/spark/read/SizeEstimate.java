package io.disky.spark.read;

import io.disky.spark.files.FoundFile;
import io.disky.spark.files.RecordSchema;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.types.StructField;

/**
 * How large the rows of a scan are in memory: what Spark needs to know to choose how to join. The
 * number of records and their sizes are estimated from the sizes of the files and the headers of a
 * few chunks.
 *
 * @param sizeInBytes of the columns that are read
 * @param numRows the number of records; empty if no file could be looked at
 */
record SizeEstimate(OptionalLong sizeInBytes, OptionalLong numRows) implements Statistics {
  /** What Spark adds to each row. */
  private static final int ROW_BYTES = 8;

  /** With a limit, which is there to open few files, no file is looked at. */
  static SizeEstimate of(QueryFiles files, ScanTask task) {
    double fileBytes = 0;
    for (FoundFile file : files.files()) {
      fileBytes += file.size();
    }
    SizeSample sample = task.limit() < Long.MAX_VALUE ? SizeSample.NONE : files.sample();
    if (!sample.isKnown()) {
      return new SizeEstimate(atLeastOne(fileBytes), OptionalLong.empty());
    }
    double rows = fileBytes * sample.recordsPerFileByte();
    double rowBytes = ROW_BYTES;
    for (StructField field : task.schema().fields()) {
      rowBytes +=
          RecordSchema.isRecord(field) ? sample.recordSize() : field.dataType().defaultSize();
    }
    return new SizeEstimate(atLeastOne(rows * rowBytes), OptionalLong.of(Math.round(rows)));
  }

  /** Spark multiplies sizes, so 0 would hide all others. */
  private static OptionalLong atLeastOne(double bytes) {
    return OptionalLong.of(Math.max(1, Math.round(bytes)));
  }
}

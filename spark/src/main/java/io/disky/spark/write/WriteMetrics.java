package io.disky.spark.write;

import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/**
 * What Spark's user interface shows of a write. Spark adds the records and the bytes to the output
 * of the stage, too, because of their names.
 */
final class WriteMetrics {
  static final String RECORDS = "recordsWritten";
  static final String BYTES = "bytesWritten";
  static final String FILES = "filesWritten";

  private WriteMetrics() {}

  static CustomMetric[] all() {
    return new CustomMetric[] {new RecordsWritten(), new BytesWritten(), new FilesWritten()};
  }

  static CustomTaskMetric[] ofTask(long records, long bytes, long files) {
    return new CustomTaskMetric[] {
      new Value(RECORDS, records), new Value(BYTES, bytes), new Value(FILES, files)
    };
  }

  private record Value(String name, long value) implements CustomTaskMetric {}
}

package io.disky.spark.read;

import io.disky.SkippedRegion;
import io.disky.spark.read.metrics.DecodeTime;
import io.disky.spark.read.metrics.DecodedBytes;
import io.disky.spark.read.metrics.FileBytesRead;
import io.disky.spark.read.metrics.FilesOpened;
import io.disky.spark.read.metrics.RecordsRead;
import io.disky.spark.read.metrics.SkippedBytes;
import io.disky.spark.read.metrics.SkippedRegions;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/** What a task has read so far. Spark may ask in another thread than the one that reads. */
final class ReadCounts {
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong fileBytes = new AtomicLong();
  private final AtomicLong decodedBytes = new AtomicLong();
  private final AtomicLong skippedRegions = new AtomicLong();
  private final AtomicLong skippedBytes = new AtomicLong();
  private final AtomicLong nanos = new AtomicLong();

  private record Value(String name, long value) implements CustomTaskMetric {}

  /** The metrics that a scan reports. */
  static CustomMetric[] metrics() {
    return new CustomMetric[] {
      new RecordsRead(),
      new FilesOpened(),
      new FileBytesRead(),
      new DecodedBytes(),
      new SkippedRegions(),
      new SkippedBytes(),
      new DecodeTime()
    };
  }

  /** The values of these metrics. */
  CustomTaskMetric[] values() {
    return new CustomTaskMetric[] {
      new Value(RecordsRead.NAME, records.get()),
      new Value(FilesOpened.NAME, files.get()),
      new Value(FileBytesRead.NAME, fileBytes.get()),
      new Value(DecodedBytes.NAME, decodedBytes.get()),
      new Value(SkippedRegions.NAME, skippedRegions.get()),
      new Value(SkippedBytes.NAME, skippedBytes.get()),
      new Value(DecodeTime.NAME, nanos.get())
    };
  }

  void addRecords(long count) {
    records.addAndGet(count);
  }

  void addFile() {
    files.incrementAndGet();
  }

  void addFileBytes(long bytes) {
    fileBytes.addAndGet(bytes);
  }

  void addDecodedBytes(long bytes) {
    decodedBytes.addAndGet(bytes);
  }

  void addSkipped(SkippedRegion region) {
    skippedRegions.incrementAndGet();
    skippedBytes.addAndGet(region.size());
  }

  void addTime(long taken) {
    nanos.addAndGet(taken);
  }
}

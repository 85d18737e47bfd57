package io.disky.spark.read;

import io.disky.RecordReader;
import io.disky.spark.files.HadoopChannel.Access;
import java.io.IOException;

/**
 * As many rows as a part of a file has records, for queries that need no record. Reads the headers
 * of chunks only.
 */
final class CountedRows implements Rows {
  private static final int ROWS_OF_BATCH = 1 << 16;

  private final ScanColumns columns;
  private long left;

  CountedRows(
      FileSplit split,
      ReadOptions options,
      SplitOpening opening,
      ScanColumns columns,
      ReadCounts counts)
      throws IOException {
    this.columns = columns;
    this.left = count(split, options, opening, counts);
  }

  /** The number of records in chunks that begin in {@code split}. */
  static long count(FileSplit split, ReadOptions options, SplitOpening opening, ReadCounts counts)
      throws IOException {
    long begin = System.nanoTime();
    try (RecordReader reader =
        opening.open(split, options.forReader(split, counts::addSkipped), Access.RANDOM)) {
      return reader.recordCount();
    } finally {
      counts.addTime(System.nanoTime() - begin);
    }
  }

  @Override
  public int next() {
    int rows = (int) Math.min(left, ROWS_OF_BATCH);
    left -= rows;
    columns.setRows(rows);
    return rows;
  }

  @Override
  public void close() {}
}

package io.disky.spark.read;

import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.SkippedRegion;
import io.disky.spark.columns.ChunkRecords;
import io.disky.spark.columns.NumberColumn;
import io.disky.spark.files.HadoopChannel.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The records of a part of a file: a batch is a decoded chunk. */
final class DecodedRows implements Rows {
  private static final System.Logger LOG = System.getLogger("io.disky");

  private final FileSplit split;
  private final ScanColumns columns;
  private final ReadCounts counts;
  private final RecordReader reader;
  private final Iterator<RecordBatch> batches;
  private @Nullable ChunkRecords chunk;
  private long number;
  private long accounted;

  DecodedRows(
      FileSplit split,
      ReadOptions options,
      SplitOpening opening,
      ScanColumns columns,
      ReadCounts counts)
      throws IOException {
    this.split = split;
    this.columns = columns;
    this.counts = counts;
    this.number = split.begin() == 0 ? 0 : NumberColumn.UNKNOWN;
    this.accounted = split.begin();
    this.reader = opening.open(split, options.forReader(split, this::skipped), Access.SEQUENTIAL);
    // A reader belongs to one thread; the reader of this stream does not.
    this.batches = reader.batches().iterator();
  }

  private void skipped(SkippedRegion region) {
    counts.addSkipped(region);
    number = NumberColumn.UNKNOWN;
    LOG.log(
        Level.WARNING,
        "{0}: skipped bytes {1} to {2}: {3}",
        split.path(),
        Long.toString(region.begin()),
        Long.toString(region.end()),
        region.reason());
  }

  @Override
  public int next() throws IOException {
    endChunk();
    long begin = System.nanoTime();
    try {
      if (!batches.hasNext()) {
        account(split.end());
        return 0;
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      counts.addTime(System.nanoTime() - begin);
    }
    ChunkRecords next = new ChunkRecords(split.path(), batches.next());
    chunk = next;
    account(next.begin());
    counts.addDecodedBytes(next.size());
    columns.setChunk(next, number);
    if (number != NumberColumn.UNKNOWN) {
      number += next.count();
    }
    return next.count();
  }

  /** Counts the bytes before {@code position}; a channel counts them itself. */
  private void account(long position) {
    if (split.local() && position > accounted) {
      counts.addFileBytes(position - accounted);
      accounted = position;
    }
  }

  private void endChunk() {
    ChunkRecords ended = chunk;
    chunk = null;
    if (ended != null) {
      ended.close();
    }
  }

  @Override
  public void close() {
    try {
      endChunk();
    } finally {
      reader.close();
    }
  }
}

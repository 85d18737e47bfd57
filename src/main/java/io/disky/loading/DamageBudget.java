package io.disky.loading;

import java.io.IOException;
import java.util.List;

/**
 * Counts the records that are left out, in the order in which batches are delivered, and says when
 * there are too many. So it does not depend on how many batches were gathered ahead. Thread-safe.
 */
public final class DamageBudget {
  // A share of fewer records says nothing.
  private static final long FEWEST = 1_000;

  private final LoadingSettings settings;

  // This object's monitor guards these fields.
  private long read;
  private long skipped;
  private long filtered;

  DamageBudget(LoadingSettings settings) {
    this.settings = settings;
  }

  /**
   * Counts the records of a batch.
   *
   * @param count records that were read, those that filters have left out included
   * @param left how many of them filters have left out
   * @param skips records that could not be read
   * @throws IOException the failure of a record, if too many could not be read
   * @throws IllegalStateException if the filters have left out too many
   */
  synchronized void deliver(long count, long left, List<FilledBatch.Skip> skips)
      throws IOException {
    read += count;
    filtered += left;
    for (FilledBatch.Skip skip : skips) {
      skipped++;
      long all = read + skipped;
      boolean share = all >= FEWEST && skipped > settings.skippedShare() * all;
      if (share || skipped > settings.mostSkipped()) {
        throw skip.reason();
      }
    }
    if (read >= FEWEST && filtered > settings.filteredShare() * read) {
      throw new IllegalStateException(
          "the filters have left out "
              + filtered
              + " of "
              + read
              + " records, more than the share of "
              + settings.filteredShare()
              + " that is allowed: check the filters, or allow a larger share");
    }
  }

  /** Number of records that could not be read. */
  public synchronized long skippedCount() {
    return skipped;
  }

  /** Number of records that filters have left out. */
  public synchronized long filteredCount() {
    return filtered;
  }
}

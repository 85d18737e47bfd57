package io.disky.loading;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Counts records that are left out, and fails if there are too many of them. Thread-safe. */
public final class DamageBudget {
  // The share of fewer records is too uncertain.
  private static final long FEWEST = 1_000;

  private final LoadingSettings settings;
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong skipped = new AtomicLong();
  private final AtomicLong tested = new AtomicLong();
  private final AtomicLong filtered = new AtomicLong();

  DamageBudget(LoadingSettings settings) {
    this.settings = settings;
  }

  /** Counts records of a batch that was gathered. */
  void read(long count) {
    delivered.addAndGet(count);
  }

  /**
   * Counts a record that could not be read.
   *
   * @throws IOException {@code reason}, if the bounds are exceeded
   */
  void skip(IOException reason) throws IOException {
    long count = skipped.incrementAndGet();
    long all = count + delivered.get();
    if (count > settings.mostSkipped()) {
      throw reason;
    }
    if (all >= FEWEST && count > settings.skippedShare() * all) {
      throw reason;
    }
  }

  /**
   * Counts a record that the stages have kept or left out.
   *
   * @throws IllegalStateException if they have left out too many records
   */
  void filtered(boolean leftOut) {
    long all = tested.incrementAndGet();
    if (leftOut) {
      long count = filtered.incrementAndGet();
      if (all >= FEWEST && count > settings.filteredShare() * all) {
        throw new IllegalStateException(
            "the filters have left out "
                + count
                + " of "
                + all
                + " records, more than the share of "
                + settings.filteredShare()
                + " that is allowed: check the filters, or allow a larger share");
      }
    }
  }

  /** Number of records that could not be read. */
  public long skippedCount() {
    return skipped.get();
  }

  /** Number of records that filters have left out. */
  public long filteredCount() {
    return filtered.get();
  }
}

package io.disky.fetching;

import java.util.Arrays;

/**
 * The delay is a percentile of the times that the last requests of a similar size have taken.
 * Requests are of a similar size if they are in the same class; the bounds of the classes are 64
 * KiB, 256 KiB, 1 MiB, 4 MiB and 16 MiB. A class with too few times has no second requests.
 */
public final class PercentileHedging implements Hedging {
  /** The number of times of each class that are kept. */
  public static final int WINDOW = 512;

  private static final int CLASSES = 6;
  private static final int FIRST_BITS = 16;
  private static final int BITS = 2;

  /** A shorter delay would repeat requests because a thread of this process was late. */
  private static final long LEAST_DELAY = 1_000_000;

  /** The percentile is computed again after this many further times. */
  private static final int REFRESH = 16;

  /** So many second requests may follow each other after a time without them. */
  private static final double MOST_CREDIT = 16;

  private final double percentile;
  private final int minSamples;
  private final double maxShare;

  // This object's monitor guards these fields.
  private final Times[] classes = new Times[CLASSES];
  private double credit;

  /**
   * @param percentile more than 0 and less than 1
   * @param minSamples number of times that a class needs, 1 to {@link #WINDOW}
   * @param maxShare the largest number of second requests for each other request
   */
  public PercentileHedging(double percentile, int minSamples, double maxShare) {
    this.percentile = percentile;
    this.minSamples = minSamples;
    this.maxShare = maxShare;
    Arrays.setAll(classes, _ -> new Times());
  }

  /** The last times of a class. */
  private final class Times {
    // Most classes of a file have no requests.
    private long[] last = {};
    private int count;
    private int next;
    private int sinceRefresh;
    private long delay = NO_DELAY;

    void add(long nanos) {
      if (last.length == 0) {
        last = new long[WINDOW];
      }
      last[next] = nanos;
      next = (next + 1) % WINDOW;
      count = Math.min(count + 1, WINDOW);
      sinceRefresh++;
      if (count >= minSamples && (delay == NO_DELAY || sinceRefresh >= REFRESH)) {
        sinceRefresh = 0;
        delay = percentile();
      }
    }

    private long percentile() {
      long[] sorted = Arrays.copyOf(last, count);
      Arrays.sort(sorted);
      return Math.max(sorted[Math.min(count - 1, (int) (percentile * count))], LEAST_DELAY);
    }
  }

  private Times times(int bytes) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(bytes - 1, 0));
    return classes[Math.clamp(Math.ceilDiv(bits - FIRST_BITS, BITS), 0, CLASSES - 1)];
  }

  @Override
  public synchronized long begun(int bytes) {
    credit = Math.min(credit + maxShare, MOST_CREDIT);
    return times(bytes).delay;
  }

  @Override
  public synchronized boolean allows() {
    if (credit < 1) {
      return false;
    }
    credit--;
    return true;
  }

  @Override
  public synchronized void observed(int bytes, long nanos) {
    times(bytes).add(nanos);
  }
}

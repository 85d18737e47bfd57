package io.disky.remote;

import io.disky.fetching.PercentileHedging;

/**
 * When a request is made a second time because the first one takes longer than most: after a
 * percentile of the times that the last requests of a similar size have taken. The times are those
 * of all files that are opened with {@link RemoteOptions} that have this object, so use one object
 * for the files of one store. It keeps the last 512 times for each of 6 classes of sizes (24 KiB).
 * Thread-safe.
 */
public final class RemoteHedging {
  /** The default of {@link #minSamples()}: 100. */
  public static final int DEFAULT_MIN_SAMPLES = 100;

  /** The default of {@link #maxShare()}: 0.1. */
  public static final double DEFAULT_MAX_SHARE = 0.1;

  private final double percentile;
  private final int minSamples;
  private final double maxShare;
  final PercentileHedging decisions;

  private RemoteHedging(double percentile, int minSamples, double maxShare) {
    this.percentile = percentile;
    this.minSamples = minSamples;
    this.maxShare = maxShare;
    this.decisions = new PercentileHedging(percentile, minSamples, maxShare);
  }

  /**
   * Requests are made a second time if they have taken longer than this share of the last requests,
   * and at least 1 millisecond.
   *
   * @param percentile 0.5 to 0.999; 0.95 makes about 5 percent more requests
   * @throws IllegalArgumentException if {@code percentile} is outside this range
   */
  public static RemoteHedging afterPercentile(double percentile) {
    if (!(percentile >= 0.5 && percentile <= 0.999)) {
      throw new IllegalArgumentException(
          "the percentile is " + percentile + "; it must be 0.5 to 0.999");
    }
    return new RemoteHedging(percentile, DEFAULT_MIN_SAMPLES, DEFAULT_MAX_SHARE);
  }

  /**
   * An object that makes no second request before it has the times of {@code samples} requests of a
   * similar size. It begins without times.
   *
   * @param samples 10 to 512
   * @throws IllegalArgumentException if {@code samples} is outside this range
   */
  public RemoteHedging withMinSamples(int samples) {
    if (samples < 10 || samples > PercentileHedging.WINDOW) {
      throw new IllegalArgumentException(
          "the least number of samples is " + samples + "; it must be 10 to 512");
    }
    return new RemoteHedging(percentile, samples, maxShare);
  }

  /**
   * An object that makes at most {@code share} second requests for each other request. Without this
   * bound a store that becomes slow would get twice as many requests. It begins without times.
   *
   * @param share 0.001 to 1
   * @throws IllegalArgumentException if {@code share} is outside this range
   */
  public RemoteHedging withMaxShare(double share) {
    if (!(share >= 0.001 && share <= 1)) {
      throw new IllegalArgumentException(
          "the largest share of second requests is " + share + "; it must be 0.001 to 1");
    }
    return new RemoteHedging(percentile, minSamples, share);
  }

  /** The share of requests that take less time than requests that are made a second time. */
  public double percentile() {
    return percentile;
  }

  /** The number of requests of a similar size before the first second request. */
  public int minSamples() {
    return minSamples;
  }

  /** The largest number of second requests for each other request. */
  public double maxShare() {
    return maxShare;
  }

  @Override
  public String toString() {
    return "RemoteHedging[percentile="
        + percentile
        + ", minSamples="
        + minSamples
        + ", maxShare="
        + maxShare
        + "]";
  }
}

package io.disky.fetching;

import io.disky.retrying.RetryPolicy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link FetchedFile} reads.
 *
 * @param requestSize the largest size of a request, in bytes
 * @param maxRequests the largest number of requests at a time
 * @param maxMemory the largest memory of requests and of bytes that were not yet used, in bytes
 * @param maxReadAhead the largest number of bytes that a source reads ahead
 * @param maxGap the largest gap in bytes between announced ranges that one request reads
 * @param retry how failed requests are repeated
 * @param hedging when a request without an answer is made a second time
 * @param clock the time
 * @param counters counts requests, bytes and waits
 * @param cache keeps bytes on a disk; {@code null} for none
 */
public record FetchSettings(
    int requestSize,
    int maxRequests,
    long maxMemory,
    long maxReadAhead,
    int maxGap,
    RetryPolicy retry,
    Hedging hedging,
    RequestClock clock,
    FetchCounters counters,
    @Nullable BlockCache cache) {
  /** The default of {@link #maxGap}: 512 KiB. */
  public static final int DEFAULT_MAX_GAP = 512 << 10;

  public FetchSettings {
    Objects.requireNonNull(retry, "retry");
    Objects.requireNonNull(hedging, "hedging");
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(counters, "counters");
  }

  /** The begins and ends of requests are multiples of this, so that a cache can keep the bytes. */
  int alignment() {
    return cache != null && maxMemory >= 16L * BlockCache.BLOCK && requestSize >= BlockCache.BLOCK
        ? BlockCache.BLOCK
        : 1;
  }

  /** These settings without the cache. */
  FetchSettings withoutCache() {
    return new FetchSettings(
        requestSize,
        maxRequests,
        maxMemory,
        maxReadAhead,
        maxGap,
        retry,
        hedging,
        clock,
        counters,
        null);
  }

  /** Settings with defaults for everything else. */
  public FetchSettings(int requestSize, int maxRequests, long maxMemory) {
    this(
        requestSize,
        maxRequests,
        maxMemory,
        Long.MAX_VALUE,
        DEFAULT_MAX_GAP,
        RetryPolicy.DEFAULT,
        Hedging.NEVER,
        RequestClock.SYSTEM,
        new FetchCounters(),
        null);
  }
}

package io.disky.remote;

import io.disky.fetching.FetchCounters;
import java.time.Duration;

/**
 * Counts requests, bytes and waits of all readers that were opened with options that have these
 * metrics ({@link RemoteOptions#withMetrics}). The counts only grow. Thread-safe: any thread can
 * read them at any time.
 */
public final class RemoteMetrics {
  final FetchCounters counters = new FetchCounters();

  /** Creates metrics that have counted nothing. */
  public RemoteMetrics() {}

  /** Number of requests to the store, repeated and hedged requests included. */
  public long requests() {
    return counters.requests();
  }

  /** Bytes that requests have read. */
  public long bytesReceived() {
    return counters.bytesReceived();
  }

  /**
   * Bytes that readers have used. The difference to {@link #bytesReceived()} was read ahead in
   * vain, is between ranges that were read by one request, or is from a cache.
   */
  public long bytesUsed() {
    return counters.bytesUsed();
  }

  /** Number of requests that were repeated because they failed or took too long. */
  public long retries() {
    return counters.retries();
  }

  /** Number of second requests that began because the first one took long. */
  public long hedges() {
    return counters.hedges();
  }

  /** Number of blocks of 1 MiB that were read from a {@link RemoteCache}. */
  public long cacheHits() {
    return counters.cacheHits();
  }

  /** Bytes that were read from a {@link RemoteCache}. */
  public long cacheBytes() {
    return counters.cacheBytes();
  }

  /**
   * Number of times that a file with a {@linkplain RemoteRange#weak() weak version} was opened, of
   * which a replacement may not be noticed.
   */
  public long weakVersions() {
    return counters.weakVersions();
  }

  /** Time in which readers have waited for bytes: the sum over all threads. */
  public Duration waitTime() {
    return Duration.ofNanos(counters.waitNanos());
  }

  @Override
  public String toString() {
    return "RemoteMetrics[requests="
        + requests()
        + ", bytesReceived="
        + bytesReceived()
        + ", bytesUsed="
        + bytesUsed()
        + ", retries="
        + retries()
        + ", hedges="
        + hedges()
        + ", cacheHits="
        + cacheHits()
        + ", cacheBytes="
        + cacheBytes()
        + ", weakVersions="
        + weakVersions()
        + ", waitTime="
        + waitTime()
        + "]";
  }
}

package io.disky.fetching;

import java.util.concurrent.atomic.LongAdder;

/** Counts requests, bytes and waits of remote files. Thread-safe. */
public final class FetchCounters {
  final LongAdder requests = new LongAdder();
  final LongAdder bytesReceived = new LongAdder();
  final LongAdder bytesUsed = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder hedges = new LongAdder();
  final LongAdder cacheHits = new LongAdder();
  final LongAdder cacheBytes = new LongAdder();
  final LongAdder weakVersions = new LongAdder();
  final LongAdder waitNanos = new LongAdder();
  final LongAdder memory = new LongAdder();

  /** Requests to the source, repeated and hedged ones included. */
  public long requests() {
    return requests.sum();
  }

  /** Bytes that requests have read. */
  public long bytesReceived() {
    return bytesReceived.sum();
  }

  /** Bytes that were handed to readers. */
  public long bytesUsed() {
    return bytesUsed.sum();
  }

  /** Requests that were repeated because an earlier one failed or took too long. */
  public long retries() {
    return retries.sum();
  }

  /** Second requests that began because the first one took long. */
  public long hedges() {
    return hedges.sum();
  }

  /** Blocks that a cache on a disk had. */
  public long cacheHits() {
    return cacheHits.sum();
  }

  /** Bytes that were read from a cache on a disk. */
  public long cacheBytes() {
    return cacheBytes.sum();
  }

  /** Files with a weak version that were opened. */
  public long weakVersions() {
    return weakVersions.sum();
  }

  /**
   * Memory of requests, of bytes that were not used yet and of buffers, in bytes: what counts
   * towards the bounds of all files at this moment.
   */
  public long memory() {
    return memory.sum();
  }

  /** Time in which readers have waited for bytes, in nanoseconds. */
  public long waitNanos() {
    return waitNanos.sum();
  }
}

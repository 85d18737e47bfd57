package io.disky.remote;

import io.disky.fetching.FetchCounters;
import io.disky.fetching.FetchSettings;
import io.disky.fetching.FetchedFile;
import io.disky.fetching.Hedging;
import io.disky.fetching.RemoteOpening;
import io.disky.fetching.RequestClock;
import io.disky.options.OptionState;
import io.disky.retrying.RetryPolicy;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How readers read remote files. Immutable: each {@code with} method returns changed options and
 * leaves these as they are.
 */
public final class RemoteOptions {
  /** The default of {@link #requestSize()}: 8 MiB. */
  public static final int DEFAULT_REQUEST_SIZE = 8 << 20;

  /** The default of {@link #maxRequests()}: 16. */
  public static final int DEFAULT_MAX_REQUESTS = 16;

  /** The default of {@link #maxMemory()}: 256 MiB. */
  public static final long DEFAULT_MAX_MEMORY = 256 << 20;

  /** The default of {@link #maxGap()}: 512 KiB. */
  public static final int DEFAULT_MAX_GAP = FetchSettings.DEFAULT_MAX_GAP;

  /** The default of {@link #maxAttempts()}: 6. */
  public static final int DEFAULT_MAX_ATTEMPTS = 6;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private int requestSize = DEFAULT_REQUEST_SIZE;
    private int maxRequests = DEFAULT_MAX_REQUESTS;
    private long maxMemory = DEFAULT_MAX_MEMORY;
    private long maxReadAhead = Long.MAX_VALUE;
    private int maxGap = DEFAULT_MAX_GAP;
    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private Duration timeout = Duration.ofMinutes(2);
    private Duration deadline = Duration.ofMinutes(10);
    private @Nullable Duration hedgeAfter;
    private @Nullable RemoteHedging hedging;
    private @Nullable RemoteCache cache;
    private @Nullable RemoteMetrics metrics;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("requestSize", requestSize);
      all.put("maxRequests", maxRequests);
      all.put("maxMemory", maxMemory);
      all.put("maxReadAhead", maxReadAhead);
      all.put("maxGap", maxGap);
      all.put("maxAttempts", maxAttempts);
      all.put("timeout", timeout);
      all.put("deadline", deadline);
      all.put("hedgeAfter", orNone(hedgeAfter));
      all.put("hedging", orNone(hedging));
      all.put("cache", orNone(cache));
      all.put("metrics", orNone(metrics));
      return all;
    }
  }

  private final State state;

  private RemoteOptions(State state) {
    this.state = state;
    // Not in a static initialisation, which can fail once and for all if the stack is exhausted.
    RemoteOpening.install(new Opening());
  }

  /** Opens files for the other packages of this library. */
  private static final class Opening implements RemoteOpening.Opener {
    @Override
    public FetchedFile open(Object file, Object options, Callbacks callbacks) throws IOException {
      return FetchedFile.open(
          new RemoteSource((RemoteFile) file, callbacks), ((RemoteOptions) options).settings());
    }
  }

  private RemoteOptions with(Consumer<State> change) {
    return new RemoteOptions(state.with(change));
  }

  /**
   * Requests of 8 MiB, at most 16 at a time, with at most 256 MiB of memory for an open file; 6
   * attempts of at most 2 minutes, together at most 10 minutes; no hedged requests, cache and
   * metrics.
   */
  public static RemoteOptions defaults() {
    return new RemoteOptions(new State());
  }

  /**
   * These options with another size of the requests that read ahead.
   *
   * @param bytes 64 KiB to 64 MiB
   */
  public RemoteOptions withRequestSize(int bytes) {
    if (bytes < 64 << 10 || bytes > 64 << 20) {
      throw new IllegalArgumentException(
          "the size of requests is " + bytes + " bytes; it must be 64 KiB to 64 MiB");
    }
    return with(state -> state.requestSize = bytes);
  }

  /**
   * These options with another number of requests at a time.
   *
   * @param requests 1 to 1,024
   */
  public RemoteOptions withMaxRequests(int requests) {
    if (requests < 1 || requests > 1024) {
      throw new IllegalArgumentException(
          "the number of requests at a time is " + requests + "; it must be 1 to 1,024");
    }
    return with(state -> state.maxRequests = requests);
  }

  /**
   * These options with another bound on the memory of the requests of an open file.
   *
   * @param bytes at least 1 MiB; if it is small, fewer and smaller requests are made at a time. The
   *     memory of a request that was cancelled does not count, although it is freed only when the
   *     store has ended the request
   */
  public RemoteOptions withMaxMemory(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException(
          "the memory for requests is " + bytes + " bytes; it must be at least 1 MiB");
    }
    return with(state -> state.maxMemory = bytes);
  }

  /**
   * These options with a bound on the bytes that a reader reads ahead. A reader begins with little,
   * and reads further ahead the more it reads in order, up to this bound and {@link #maxMemory()}.
   *
   * @param bytes at least 0; 0 for no reading ahead. The default is {@link Long#MAX_VALUE}
   */
  public RemoteOptions withMaxReadAhead(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "the number of bytes to read ahead is " + bytes + "; it must be at least 0");
    }
    return with(state -> state.maxReadAhead = bytes);
  }

  /**
   * These options with another gap between records that one request reads. If readers know which
   * records they will need, such as a loader, neighbouring records are read by one request. The
   * bytes between them are then read in vain; but a request of its own takes the time in which some
   * hundred KiB are read, and has its price.
   *
   * @param bytes 0 to 64 MiB
   */
  public RemoteOptions withMaxGap(int bytes) {
    if (bytes < 0 || bytes > 64 << 20) {
      throw new IllegalArgumentException("the gap is " + bytes + " bytes; it must be 0 to 64 MiB");
    }
    return with(state -> state.maxGap = bytes);
  }

  /**
   * These options with another number of attempts. A request that fails, but may succeed later, is
   * repeated after a random delay: 0 to 100 ms after the first attempt, 0 to 200 ms after the
   * second one, and so on, with a limit that doubles up to 10 seconds. If the store states a delay
   * ({@link RemoteRequestException#delay()}), the random delay is added to it. A request whose next
   * attempt would begin after the {@linkplain #withDeadline deadline} has failed. Requests that
   * write a file are repeated in the same way.
   *
   * @param attempts 1 to 100; 1 to repeat no request. Hedged requests count
   */
  public RemoteOptions withMaxAttempts(int attempts) {
    if (attempts < 1 || attempts > 100) {
      throw new IllegalArgumentException(
          "the number of attempts is " + attempts + "; it must be 1 to 100");
    }
    return with(state -> state.maxAttempts = attempts);
  }

  /**
   * These options with another limit on the time of one attempt; the default is 2 minutes. All
   * requests of a file share the connection to the network: with the defaults 16 requests of 8 MiB
   * must be complete within this time, which takes 1.1 MB per second. Stores detect connections
   * without any progress earlier.
   *
   * @param timeout 1 millisecond to 1 day
   */
  public RemoteOptions withTimeout(Duration timeout) {
    checkDuration(timeout, "timeout");
    return with(state -> state.timeout = timeout);
  }

  /**
   * These options with another limit on the time of all attempts of a request together; the default
   * is 10 minutes.
   *
   * @param deadline 1 millisecond to 1 day
   */
  public RemoteOptions withDeadline(Duration deadline) {
    checkDuration(deadline, "deadline");
    return with(state -> state.deadline = deadline);
  }

  /**
   * These options with hedged requests: if a request has no answer after {@code delay}, the same
   * request is made a second time. The first answer is used, and the other request is cancelled.
   * Stores answer a few requests much more slowly than most; a delay that 95 of 100 requests do not
   * reach costs 5 percent more requests. By default there are no hedged requests. Replaces {@link
   * #withHedging}.
   *
   * @param delay 1 millisecond to 1 day
   */
  public RemoteOptions withHedgeAfter(Duration delay) {
    checkDuration(delay, "delay of hedged requests");
    return with(state -> {
      state.hedgeAfter = delay;
      state.hedging = null;
    });
  }

  /**
   * These options with hedged requests as {@link #withHedgeAfter} makes them, but after a delay
   * that is a percentile of the times that requests have taken. By default there are no hedged
   * requests. Replaces {@link #withHedgeAfter}.
   *
   * @param hedging its times are those of all files that are opened with it
   */
  public RemoteOptions withHedging(RemoteHedging hedging) {
    Objects.requireNonNull(hedging, "hedging");
    return with(state -> {
      state.hedging = hedging;
      state.hedgeAfter = null;
    });
  }

  private static void checkDuration(Duration duration, String name) {
    if (duration.compareTo(Duration.ofMillis(1)) < 0
        || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "the " + name + " is " + duration + "; it must be 1 millisecond to 1 day");
    }
  }

  /**
   * These options with a cache on a disk. By default there is none. With a cache, requests begin
   * and end at multiples of 1 MiB, so to read a small record requests 1 MiB: for a few records of a
   * large file, no cache costs less. Files with a {@linkplain RemoteRange#weak() weak version} are
   * read without the cache. So are all files if {@link #requestSize()} is less than 1 MiB or {@link
   * #maxMemory()} less than 16 MiB.
   */
  public RemoteOptions withCache(RemoteCache cache) {
    Objects.requireNonNull(cache, "cache");
    return with(state -> state.cache = cache);
  }

  /** These options with metrics, which count for all readers that are opened with these options. */
  public RemoteOptions withMetrics(RemoteMetrics metrics) {
    Objects.requireNonNull(metrics, "metrics");
    return with(state -> state.metrics = metrics);
  }

  /** The size of requests that read ahead, in bytes. */
  public int requestSize() {
    return state.requestSize;
  }

  /** The largest number of requests at a time for an open file. */
  public int maxRequests() {
    return state.maxRequests;
  }

  /** The largest memory for the requests of an open file, in bytes. */
  public long maxMemory() {
    return state.maxMemory;
  }

  /** The largest number of bytes that a reader reads ahead. */
  public long maxReadAhead() {
    return state.maxReadAhead;
  }

  /** The largest gap between records that one request reads, in bytes. */
  public int maxGap() {
    return state.maxGap;
  }

  /** The largest number of attempts of a request. */
  public int maxAttempts() {
    return state.maxAttempts;
  }

  /** The longest time of one attempt. */
  public Duration timeout() {
    return state.timeout;
  }

  /** The longest time of all attempts of a request together. */
  public Duration deadline() {
    return state.deadline;
  }

  /** The fixed time after which a hedged request is made; empty if there is none. */
  public Optional<Duration> hedgeAfter() {
    return Optional.ofNullable(state.hedgeAfter);
  }

  /** When hedged requests are made by the times of earlier requests; empty if they are not. */
  public Optional<RemoteHedging> hedging() {
    return Optional.ofNullable(state.hedging);
  }

  /** The cache on a disk; empty if there is none. */
  public Optional<RemoteCache> cache() {
    return Optional.ofNullable(state.cache);
  }

  /** The metrics; empty if there are none. */
  public Optional<RemoteMetrics> metrics() {
    return Optional.ofNullable(state.metrics);
  }

  private Hedging decisions() {
    if (state.hedging != null) {
      return state.hedging.decisions;
    }
    return state.hedgeAfter == null ? Hedging.NEVER : Hedging.after(state.hedgeAfter);
  }

  private FetchSettings settings() {
    return new FetchSettings(
        state.requestSize,
        state.maxRequests,
        state.maxMemory,
        state.maxReadAhead,
        state.maxGap,
        RetryPolicy.of(state.maxAttempts, state.timeout, state.deadline),
        decisions(),
        RequestClock.SYSTEM,
        state.metrics == null ? new FetchCounters() : state.metrics.counters,
        state.cache == null ? null : state.cache.blocks);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RemoteOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options with their values. */
  @Override
  public String toString() {
    return "RemoteOptions" + state;
  }
}

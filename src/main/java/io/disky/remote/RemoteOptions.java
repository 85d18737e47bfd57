package io.disky.remote;

import io.disky.options.OptionState;
import java.util.LinkedHashMap;
import java.util.Map;
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

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private int requestSize = DEFAULT_REQUEST_SIZE;
    private int maxRequests = DEFAULT_MAX_REQUESTS;
    private long maxMemory = DEFAULT_MAX_MEMORY;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("requestSize", requestSize);
      all.put("maxRequests", maxRequests);
      all.put("maxMemory", maxMemory);
      return all;
    }
  }

  private static final RemoteOptions DEFAULTS = new RemoteOptions(new State());

  private final State state;

  private RemoteOptions(State state) {
    this.state = state;
  }

  private RemoteOptions with(Consumer<State> change) {
    return new RemoteOptions(state.with(change));
  }

  /** Requests of 8 MiB, at most 16 at a time, with at most 256 MiB of memory. */
  public static RemoteOptions defaults() {
    return DEFAULTS;
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
   * @param bytes at least 1 MiB; a smaller number of requests is then made at a time
   */
  public RemoteOptions withMaxMemory(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException(
          "the memory for requests is " + bytes + " bytes; it must be at least 1 MiB");
    }
    return with(state -> state.maxMemory = bytes);
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

package io.disky.fetching;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A file that requests read. {@code io.disky.remote.RemoteFile} has the contract. It is code of the
 * user: it may throw, return {@code null}, and return wrong answers.
 */
public interface RangeSource {
  /** The bytes that a request has read: {@code io.disky.remote.RemoteRange}. */
  record Range(long position, long length, long fileSize, String version, boolean weak) {
    /** With a version that differs whenever the contents differ. */
    public Range(long position, long length, long fileSize, String version) {
      this(position, length, fileSize, version, false);
    }
  }

  /**
   * What a failed request means.
   *
   * @param thrown the exception of the request
   * @param repeatable whether the same request may succeed later
   * @param delay how long the store asks its clients to wait; {@code null} if it does not say
   * @param changed whether the file now has another version
   */
  record Failure(Throwable thrown, boolean repeatable, @Nullable Duration delay, boolean changed) {}

  String name();

  default String cacheKey() {
    return name();
  }

  CompletableFuture<Range> read(long position, MemorySegment target, Optional<String> version);

  CompletableFuture<Range> readEnd(MemorySegment target);

  /** What {@code thrown}, with which a request failed, means. */
  default Failure failure(Throwable thrown) {
    return new Failure(thrown, false, null, false);
  }

  /** The exception for users: {@code last} is the last failure of a request. */
  default IOException exception(String message, Failure last) {
    return new IOException(message, last.thrown());
  }
}

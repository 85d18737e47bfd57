package io.disky.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to a remote file that failed. The message names the file and the status that the store
 * returned, and contains no credentials.
 */
public class RemoteRequestException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean repeatable;
  private final @Nullable Duration delay;

  /**
   * A failure.
   *
   * @param message names the file and the failure
   * @param repeatable whether the same request may succeed later
   * @param delay how long the store asks its clients to wait; {@code null} if it does not say
   * @param cause the exception of the client of the store; {@code null} if there is none
   */
  public RemoteRequestException(
      String message, boolean repeatable, @Nullable Duration delay, @Nullable Throwable cause) {
    super(message, cause);
    this.repeatable = repeatable;
    this.delay = delay;
  }

  /**
   * Whether the same request may succeed later: after a broken connection, a timeout, or a status
   * such as 429, 500 or 503; but not if access was denied or the file does not exist.
   */
  public boolean isRepeatable() {
    return repeatable;
  }

  /** How long the store asks its clients to wait before the next request, if it says so. */
  public Optional<Duration> delay() {
    return Optional.ofNullable(delay);
  }
}

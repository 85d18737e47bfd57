package io.disky.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request that failed. The message names the file, and contains nothing secret. */
public final class HttpFailure extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean repeatable;
  private final boolean changed;
  private final @Nullable Duration delay;

  private HttpFailure(
      String message,
      boolean repeatable,
      boolean changed,
      @Nullable Duration delay,
      @Nullable Throwable cause) {
    super(message, cause);
    this.repeatable = repeatable;
    this.changed = changed;
    this.delay = delay;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), "");
  }

  /** A failure that would come again. */
  static HttpFailure lasting(String message) {
    return new HttpFailure(message, false, false, null, null);
  }

  /** The file has another version. */
  static HttpFailure changed(String message) {
    return new HttpFailure(message, false, true, null, null);
  }

  /** A failure after which the same request may succeed. */
  static HttpFailure passing(String message, @Nullable Duration delay) {
    return new HttpFailure(message, true, false, delay, null);
  }

  static HttpFailure of(String message, boolean repeatable, @Nullable Throwable cause) {
    return new HttpFailure(message, repeatable, false, null, cause);
  }

  /** Whether the same request may succeed later. */
  public boolean isRepeatable() {
    return repeatable;
  }

  /** Whether the file was replaced. */
  public boolean isChanged() {
    return changed;
  }

  /** How long the server asks its clients to wait; {@code null} if it does not say. */
  public @Nullable Duration delay() {
    return delay;
  }
}

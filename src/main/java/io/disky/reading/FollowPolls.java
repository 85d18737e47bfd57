package io.disky.reading;

import io.disky.files.QuotedText;
import io.disky.threads.Interruption;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The pauses between two looks at a file that is followed, while it waits for one chunk. */
final class FollowPolls {
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final Path path;
  private final long interval;
  private final long timeout;
  private final long began = System.nanoTime();

  /** Pauses from now on, for at most {@code timeout}; for ever if it is {@code null}. */
  FollowPolls(Path path, Duration interval, @Nullable Duration timeout) {
    this.path = path;
    this.interval = nanos(interval);
    this.timeout = timeout == null ? Long.MAX_VALUE : nanos(timeout);
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : Long.MAX_VALUE;
  }

  /** The length of the next pause in nanoseconds; 0 if the time is up. */
  long next() {
    long left = timeout - (System.nanoTime() - began);
    return Math.clamp(left, 0, interval);
  }

  /**
   * Waits on {@code monitor}, which the current thread holds, until it is notified or {@code pause}
   * nanoseconds have passed; or a little less.
   *
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   */
  @SuppressWarnings("WaitNotInLoop") // To look at the file too early does no harm.
  void await(Object monitor, long pause) throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.timedWait(monitor, pause);
    } catch (InterruptedException e) {
      throw Interruption.exception(QuotedText.name(path), "waiting for more records", e);
    }
  }
}

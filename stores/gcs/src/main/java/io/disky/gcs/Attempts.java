package io.disky.gcs;

import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Makes requests whose callers wait, and repeats those that may succeed later. */
final class Attempts {
  private static final int MOST = 6;
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private Attempts() {}

  /** A request. */
  interface Request<T> {
    T make() throws IOException;
  }

  /**
   * Makes a request.
   *
   * @param name the address in messages
   * @param action the permission that the request needs
   * @throws InterruptedIOException if the thread is interrupted while it waits for the next attempt
   */
  static <T> T of(String name, String action, Request<T> request) throws IOException {
    for (int attempt = 1; true; attempt++) {
      try {
        return request.make();
      } catch (IOException | RuntimeException e) {
        IOException failure = GcsFailures.of(name, action, e);
        if (attempt == MOST
            || !(failure instanceof RemoteRequestException known && known.isRepeatable())) {
          throw failure;
        }
        pause(name, known, attempt);
      }
    }
  }

  private static void pause(String name, RemoteRequestException failure, int attempt)
      throws IOException {
    Duration random = Duration.ofMillis(ThreadLocalRandom.current().nextLong(100L << attempt));
    Duration delay = failure.delay().filter(stated -> stated.compareTo(random) > 0).orElse(random);
    if (delay.compareTo(LONGEST) > 0) {
      throw failure;
    }
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + ": interrupted while waiting for Cloud Storage");
    }
  }
}

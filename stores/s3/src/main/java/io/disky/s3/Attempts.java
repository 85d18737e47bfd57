package io.disky.s3;

import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Makes requests whose callers wait, and repeats those that may succeed later. */
final class Attempts {
  private static final int MOST = 6;
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private Attempts() {}

  /**
   * Makes a request.
   *
   * @param name the address in messages
   * @param action the permission that the request needs
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   */
  static <T> T of(String name, String action, Supplier<CompletableFuture<T>> request)
      throws IOException {
    for (int attempt = 1; true; attempt++) {
      try {
        return request.get().get();
      } catch (ExecutionException | RuntimeException e) {
        IOException failure = S3Failures.of(name, action, e);
        if (attempt == MOST
            || !(failure instanceof RemoteRequestException known && known.isRepeatable())) {
          throw failure;
        }
        pause(name, known, attempt);
      } catch (InterruptedException e) {
        throw interrupted(name);
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
      throw interrupted(name);
    }
  }

  private static IOException interrupted(String name) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException(name + ": interrupted while waiting for S3");
  }
}

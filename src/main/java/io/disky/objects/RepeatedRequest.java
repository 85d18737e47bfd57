package io.disky.objects;

import io.disky.retrying.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes requests whose callers wait, and repeats those that may succeed later. */
public final class RepeatedRequest {
  private static final RetryPolicy POLICY =
      RetryPolicy.of(6, Duration.ofSeconds(20), Duration.ofMinutes(1));

  private RepeatedRequest() {}

  /**
   * A request.
   *
   * @param <T> the answer
   */
  @FunctionalInterface
  public interface Request<T> {
    /**
     * Makes one attempt.
     *
     * @throws InterruptedException if the thread was interrupted while it waited
     */
    T make() throws IOException, InterruptedException;
  }

  /** What a failure means. */
  @FunctionalInterface
  public interface Judgement {
    /** How long to wait at least before the next attempt; {@code null} if there must be none. */
    @Nullable Duration delay(IOException failure);
  }

  /**
   * Makes up to 6 attempts; the last one begins within a minute.
   *
   * @param name the address in messages
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   * @throws IOException the failure of the last attempt
   */
  public static <T> T make(String name, Judgement judgement, Request<T> request)
      throws IOException {
    return make(POLICY, name, judgement, request);
  }

  static <T> T make(RetryPolicy policy, String name, Judgement judgement, Request<T> request)
      throws IOException {
    long began = System.nanoTime();
    for (int attempt = 1; true; attempt++) {
      try {
        try {
          return request.make();
        } catch (IOException failure) {
          Duration requested = judgement.delay(failure);
          long delay = delay(policy, requested, attempt, System.nanoTime() - began);
          if (delay < 0) {
            throw failure;
          }
          Thread.sleep(Duration.ofNanos(delay));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(name + ": interrupted while waiting for the store");
      }
    }
  }

  /** The delay before the next attempt in nanoseconds; -1 if there is none. */
  private static long delay(
      RetryPolicy policy, @Nullable Duration requested, int attempts, long age) {
    if (requested == null || !policy.allowsAttemptAfter(attempts)) {
      return -1;
    }
    return policy.delay(attempts, age, requested, ThreadLocalRandom.current().nextDouble());
  }

  /**
   * Waits at most 20 seconds for the answer of one attempt. Cancels the future if it is not
   * complete then, or if the thread is interrupted.
   *
   * @throws ExecutionException if the attempt failed
   * @throws TimeoutException if there is no answer in time
   * @throws InterruptedException if the thread is interrupted
   */
  public static <T> T await(CompletableFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return await(POLICY, answer);
  }

  static <T> T await(RetryPolicy policy, CompletableFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return answer.get(policy.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      answer.cancel(true); // does nothing if it is complete
    }
  }
}

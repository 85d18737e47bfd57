package io.disky.uploading;

import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers of the user's code, which come from any thread, for the thread that has asked. */
final class Answers<R> {
  /**
   * An answer.
   *
   * @param request the request
   * @param attempt number of the attempt, from 1 on
   * @param failure {@code null} if the request has succeeded
   */
  record Answer<R>(R request, int attempt, @Nullable Throwable failure) {}

  private final LinkedBlockingQueue<Answer<R>> answers = new LinkedBlockingQueue<>();

  /**
   * Makes a request of the user's code. Its answer comes also if that code throws.
   *
   * @param memory is not freed before the answer, even if this object is forgotten
   */
  void ask(
      R request,
      int attempt,
      @Nullable NativeMemory memory,
      Supplier<@Nullable CompletableFuture<Void>> call) {
    try {
      CompletableFuture<Void> future = call.get();
      if (future == null) {
        throw new IOException("the upload has returned null, not a future");
      }
      var _ =
          future.whenComplete((_, failure) -> {
            try {
              answers.add(new Answer<>(request, attempt, cause(failure)));
            } finally {
              Reference.reachabilityFence(memory);
            }
          });
    } catch (Throwable e) {
      answers.add(new Answer<>(request, attempt, e));
    }
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException e && e.getCause() != null
        ? e.getCause()
        : failure;
  }

  /** The next answer; {@code null} if none comes within {@code nanos} nanoseconds. */
  @Nullable Answer<R> poll(long nanos) {
    long end = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answers.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
          nanos = Math.max(0, end - System.nanoTime());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package io.disky.uploading;

import io.disky.retrying.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes single requests, and repeats them if they fail. One thread may use it. */
final class Requests {
  private final String name;
  private final PartTarget target;
  private final UploadSettings settings;

  Requests(String name, PartTarget target, UploadSettings settings) {
    this.name = name;
    this.target = target;
    this.settings = settings;
  }

  /**
   * Makes a request and waits for its answer.
   *
   * @param done what the upload is after the request, for messages
   * @throws IOException the failure of the request itself, if a file is the reason
   */
  void make(String done, Supplier<@Nullable CompletableFuture<Void>> call) throws IOException {
    Answers<String> answers = new Answers<>();
    long begin = System.nanoTime();
    long delay = 0;
    for (int attempt = 1; delay >= 0; attempt++) {
      Answers.Answer<String> none = new Answers<String>().poll(delay);
      assert none == null;
      answers.ask(done, attempt, null, call);
      Answers.Answer<String> answer = answers.poll(settings.retry().timeout().toNanos());
      if (answer == null) {
        throw failed(done, attempt, noAnswer(settings.retry().timeout()), null);
      }
      Throwable failure = answer.failure();
      if (failure == null) {
        return;
      }
      delay = delay(target, settings.retry(), failure, attempt, System.nanoTime() - begin);
      if (delay < 0) {
        throw failure instanceof java.nio.file.FileSystemException e
            ? e
            : failed(done, attempt, text(failure), failure);
      }
    }
  }

  private IOException failed(String done, int attempts, String reason, @Nullable Throwable cause) {
    return new IOException(
        name + ": the upload could not be " + done + " in " + attempts(attempts) + ": " + reason,
        cause);
  }

  /** The delay before a request is repeated in nanoseconds; -1 if it is not. */
  static long delay(
      PartTarget target, RetryPolicy retry, Throwable failure, int attempts, long age) {
    Duration requested;
    try {
      requested = target.repeatAfter(failure);
    } catch (Throwable _) {
      return -1; // the failure is a class of the user, and its methods throw
    }
    if (requested == null || !retry.allowsAttemptAfter(attempts)) {
      return -1;
    }
    return retry.delay(attempts, age, requested, ThreadLocalRandom.current().nextDouble());
  }

  static String attempts(int attempts) {
    return attempts == 1 ? "1 attempt" : attempts + " attempts";
  }

  static String noAnswer(Duration timeout) {
    return "no answer in " + timeout.toSeconds() + " s";
  }

  static String text(Throwable failure) {
    try {
      String message = failure.getMessage();
      return message == null ? failure.getClass().getName() : message;
    } catch (Throwable _) {
      return failure.getClass().getName();
    }
  }
}

package io.disky.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.objects.RepeatedRequest.Judgement;
import io.disky.retrying.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests whose callers wait are repeated within their bounds. */
@Timeout(60)
class RepeatedRequestTest {
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final RetryPolicy THREE =
      new RetryPolicy(3, SHORT, SHORT, SHORT, Duration.ofMinutes(1));
  private static final Judgement PASSING = _ -> Duration.ZERO;
  private static final Judgement FINAL = _ -> null;

  private int attempts;

  /** Fails so many times. */
  private String attempt(int failures) throws IOException {
    if (++attempts <= failures) {
      throw new IOException("failure " + attempts);
    }
    return "answer";
  }

  @Test
  void aPassingFailureIsRepeated() throws IOException {
    assertThat(RepeatedRequest.make(THREE, "name", PASSING, () -> attempt(2))).isEqualTo("answer");
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void theLastFailureIsThrown() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RepeatedRequest.make(THREE, "name", PASSING, () -> attempt(9)))
        .withMessage("failure 3");
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void anotherFailureIsThrownAtOnce() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RepeatedRequest.make("name", FINAL, () -> attempt(1)))
        .withMessage("failure 1");
    assertThat(attempts).isEqualTo(1);
  }

  /** A store that states a delay beyond the deadline gets no further request. */
  @Test
  void noAttemptBeginsAfterTheDeadline() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RepeatedRequest.make("name", _ -> Duration.ofHours(1), () -> attempt(1)))
        .withMessage("failure 1");
    assertThat(attempts).isEqualTo(1);
  }

  @Test
  void anInterruptEndsTheWait() {
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(
              () -> RepeatedRequest.make("name", _ -> Duration.ofSeconds(30), () -> attempt(1)))
          .withMessage("name: interrupted while waiting for the store");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void anAnswerIsAwaited() throws Exception {
    CompletableFuture<String> answer = CompletableFuture.completedFuture("answer");
    assertThat(RepeatedRequest.await(answer)).isEqualTo("answer");
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(
            () -> RepeatedRequest.await(CompletableFuture.failedFuture(new IOException("reset"))))
        .withMessageContaining("reset");
  }

  @Test
  void aRequestWithoutAnAnswerIsCancelled() {
    CompletableFuture<String> never = new CompletableFuture<>();
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> RepeatedRequest.await(THREE, never));
    assertThat(never).isCancelled();
  }

  @Test
  void anInterruptCancelsTheRequest() {
    CompletableFuture<String> never = new CompletableFuture<>();
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> RepeatedRequest.await(never));
    assertThat(never).isCancelled();
  }
}

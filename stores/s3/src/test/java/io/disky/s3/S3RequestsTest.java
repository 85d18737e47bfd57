package io.disky.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Requests whose callers wait end if the caller or the store does not go on. */
class S3RequestsTest {
  private static final String NAME = "s3://bucket/key";

  @Test
  void anInterruptCancelsTheRequest() {
    CompletableFuture<String> request = new CompletableFuture<>();
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(() -> S3Requests.make(NAME, "s3:GetObject", () -> request))
          .withMessageContaining(NAME);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(request).isCancelled();
  }

  /** A store that does not answer is a failure after which the request is repeated. */
  @Test
  void aRequestWithoutAnAnswerIsRepeated() {
    IOException failure = S3Failures.of(NAME, "s3:GetObject", new TimeoutException());
    assertThatThrownBy(
            () -> {
              throw failure;
            })
        .isInstanceOfSatisfying(
            RemoteRequestException.class, e -> assertThat(e.isRepeatable()).isTrue())
        .hasMessage(NAME + ": s3:GetObject: the store has not answered in time");
  }

  @Test
  void aRequestThatFailsInPassingIsRepeated() throws IOException {
    CompletableFuture<String> failed = CompletableFuture.failedFuture(new IOException("reset"));
    CompletableFuture<String> done = CompletableFuture.completedFuture("answer");
    int[] attempts = new int[1];
    String answer = S3Requests.make(NAME, "s3:GetObject", () -> attempts[0]++ == 0 ? failed : done);
    assertThat(answer).isEqualTo("answer");
    assertThat(attempts[0]).isEqualTo(2);
  }
}

package io.disky.shards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** The futures of those who wait for their records. */
class WriteCompletionTest {
  @Test
  void anExecutorThatRefusesDoesNotKeepAFutureFromItsEnd() {
    CompletableFuture<Void> future = new CompletableFuture<>();
    ShardedWriting.complete(
        future,
        null,
        _ -> {
          throw new RejectedExecutionException();
        });
    assertThat(future).isCompleted();
  }
}

package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.RangeSource.Range;
import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptTest {
  /** A source that fails in the call, and remembers where it may write. */
  private static final class FailingSource implements RangeSource {
    private final boolean throwing;
    private @Nullable MemorySegment target;

    FailingSource(boolean throwing) {
      this.throwing = throwing;
    }

    @Override
    public String name() {
      return "mem://file";
    }

    @Override
    @SuppressWarnings("NullAway") // the fault
    public CompletableFuture<Range> read(
        long position, MemorySegment target, Optional<String> version) {
      this.target = target;
      if (throwing) {
        throw new IllegalStateException("thrown");
      }
      return null;
    }

    @Override
    public CompletableFuture<Range> readEnd(MemorySegment target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Failure failure(Throwable thrown) {
      return new Failure(thrown, false, null, false);
    }

    @Override
    public IOException exception(String message, Failure last) {
      return new IOException(message);
    }
  }

  /** A time limit can pass between the failure and the moment when its listener handles it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAttemptThatIsAbandonedAfterItsFailureEnds(boolean throwing) {
    FailingSource source = new FailingSource(throwing);
    NativeMemory memory = NativeMemory.allocate(100);
    Attempt attempt = new Attempt(memory, 0, 100, 0);
    attempt.call(source, new Wanted.Bytes(0, 100, 1000, "v1"), (_, _, _) -> {});
    assertThat(attempt.abandon()).isTrue();
    assertThat(source.target).isNotNull();
    assertThat(source.target.scope().isAlive()).isFalse();
  }
}

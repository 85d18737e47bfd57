package io.disky.remote;

import io.disky.fetching.RangeSource;
import io.disky.files.Origin;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A remote file, which is code of the user. While a thread runs this code, it is in a callback of
 * the reader, whichever thread it is: also if the code depends on a future that a cancellation
 * completes.
 */
record RemoteSource(RemoteFile file, Callbacks callbacks) implements RangeSource {
  private static final String KIND = Origin.Kind.REMOTE.toString();

  private <T> T call(Supplier<T> code) {
    String outer = callbacks.begin(KIND);
    try {
      return code.get();
    } finally {
      callbacks.end(outer);
    }
  }

  @Override
  public String name() {
    return Objects.requireNonNull(call(file::name), "the name of the remote file");
  }

  @Override
  public String cacheKey() {
    return call(file::cacheKey);
  }

  @Override
  public CompletableFuture<Range> read(
      long position, MemorySegment target, Optional<String> version) {
    return call(() -> new Answer(file.read(position, target, version)));
  }

  @Override
  public CompletableFuture<Range> readEnd(MemorySegment target) {
    return call(() -> new Answer(file.readEnd(target)));
  }

  @Override
  public Failure failure(Throwable thrown) {
    return call(() -> meaning(thrown));
  }

  @SuppressWarnings("OptionalAssignedToNull") // the class of the exception can be the user's
  private static Failure meaning(Throwable thrown) {
    if (thrown instanceof RemoteRequestException failed) {
      Optional<Duration> delay = failed.delay();
      boolean known = delay != null && delay.isPresent();
      return new Failure(thrown, failed.isRepeatable(), known ? delay.get() : null, false);
    }
    return new Failure(thrown, false, null, thrown instanceof RemoteFileChangedException);
  }

  @Override
  public IOException exception(String message, Failure last) {
    if (last.changed()) {
      IOException changed = new RemoteFileChangedException(message);
      changed.initCause(last.thrown());
      return changed;
    }
    return new RemoteRequestException(message, last.repeatable(), last.delay(), last.thrown());
  }

  /** The answer to a request. Cancelling it cancels the user's future. */
  private final class Answer extends CompletableFuture<Range> {
    private final CompletableFuture<RemoteRange> answer;

    Answer(CompletableFuture<RemoteRange> answer) {
      this.answer = Objects.requireNonNull(answer, "the remote file returned no future, but null");
      CompletableFuture<?> _ = answer.whenComplete(this::completed);
    }

    private void completed(@Nullable RemoteRange range, @Nullable Throwable thrown) {
      if (range == null) {
        completeExceptionally(
            thrown == null ? new NullPointerException("the answer is null") : thrown);
      } else {
        complete(
            new Range(
                range.position(), range.length(), range.fileSize(), range.version(), range.weak()));
      }
    }

    /** This future is cancelled when the user's future is: until then the target is in use. */
    @Override
    public boolean cancel(boolean mayInterrupt) {
      call(() -> answer.cancel(mayInterrupt));
      return isCancelled();
    }
  }
}

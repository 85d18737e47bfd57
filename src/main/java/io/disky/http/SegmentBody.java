package io.disky.http;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Writes the body of an answer to a segment. The result is the number of bytes. */
final class SegmentBody implements BodySubscriber<Long> {
  // If the connection breaks after so many bytes, these bytes are the answer. Fewer bytes would
  // save less than the next request costs.
  private static final long LEAST_PART = 64 << 10;

  /** The body has more bytes than the target. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1;
  }

  private final CompletableFuture<Long> result = new CompletableFuture<>();
  private final boolean mayBePart;
  private final Duration timeout;
  private @Nullable MemorySegment target;
  private Flow.@Nullable Subscription subscription;
  private long written;
  private long writtenBefore = -1;
  private CompletableFuture<?> idle = CompletableFuture.completedFuture(null);

  /**
   * @param mayBePart whether fewer bytes than stated are an answer
   * @param timeout how long no byte may come
   */
  SegmentBody(MemorySegment target, boolean mayBePart, Duration timeout) {
    this.target = target;
    this.timeout = timeout;
    this.mayBePart = mayBePart;
  }

  @Override
  public CompletionStage<Long> getBody() {
    return result;
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription subscribed) {
    if (target == null || subscription != null) {
      subscribed.cancel();
      return;
    }
    subscription = subscribed;
    subscribed.request(Long.MAX_VALUE);
    checkIdle();
  }

  /** Ends the body if no byte has come since the last check, and otherwise checks again later. */
  private synchronized void checkIdle() {
    if (target == null) {
      return;
    }
    if (written == writtenBefore) {
      subscription().cancel();
      onError(new HttpTimeoutException("no byte came within " + timeout.toMillis() + " ms"));
      return;
    }
    writtenBefore = written;
    CompletableFuture<Void> timer = new CompletableFuture<>();
    CompletableFuture<?> _ = timer.thenRun(this::checkIdle);
    idle = timer.completeOnTimeout(null, timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Flow.Subscription subscription() {
    return Objects.requireNonNull(subscription);
  }

  private void end() {
    target = null;
    idle.cancel(false);
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      MemorySegment memory = target;
      if (memory == null) {
        return;
      }
      if (buffer.remaining() > memory.byteSize() - written) {
        stop();
        result.completeExceptionally(new TooLong());
        return;
      }
      try {
        MemorySegment bytes = MemorySegment.ofBuffer(buffer);
        MemorySegment.copy(bytes, 0, memory, written, bytes.byteSize());
        written += bytes.byteSize();
      } catch (IllegalStateException e) { // the request was given up, and so the memory ended
        stop();
        result.completeExceptionally(e);
      }
    }
  }

  /** Writes no further byte, also if one arrives at this moment. */
  synchronized void stop() {
    end();
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public synchronized void onError(Throwable thrown) {
    end();
    if (mayBePart && written >= LEAST_PART) {
      result.complete(written);
    } else {
      result.completeExceptionally(thrown);
    }
  }

  @Override
  public synchronized void onComplete() {
    end();
    result.complete(written);
  }
}

package io.disky.http;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
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
  private @Nullable MemorySegment target;
  private Flow.@Nullable Subscription subscription;
  private long written;

  /**
   * @param mayBePart whether fewer bytes than stated are an answer
   */
  SegmentBody(MemorySegment target, boolean mayBePart) {
    this.target = target;
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
    target = null;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public synchronized void onError(Throwable thrown) {
    target = null;
    if (mayBePart && written >= LEAST_PART) {
      result.complete(written);
    } else {
      result.completeExceptionally(thrown);
    }
  }

  @Override
  public synchronized void onComplete() {
    target = null;
    result.complete(written);
  }
}

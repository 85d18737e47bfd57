package io.disky.s3;

import io.disky.remote.RemoteRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The future of a request that reads. If the library ends it, nothing is copied to the target any
 * more before it is complete, and the request is cancelled.
 */
final class PendingRange extends CompletableFuture<RemoteRange> {
  private final SegmentReceiver receiver;
  private volatile @Nullable Future<?> request;

  PendingRange(SegmentReceiver receiver) {
    this.receiver = receiver;
  }

  SegmentReceiver receiver() {
    return receiver;
  }

  /** The request of the SDK. */
  void begun(Future<?> begun) {
    request = begun;
    if (isDone()) {
      begun.cancel(true);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    receiver.end();
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    Future<?> begun = request;
    if (begun != null) {
      begun.cancel(true);
    }
    return cancelled;
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    receiver.end();
    return super.completeExceptionally(failure);
  }
}

package io.disky.cli;

import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An upload that another thread than that of its writer can end, because the process ends.
 * Thread-safe.
 */
final class InterruptibleUpload implements RemoteUpload {
  private final RemoteUpload upload;

  /** Completes normally when all requests that were made have been answered. */
  private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);

  private boolean ended;
  private boolean complete;
  private @Nullable CompletableFuture<Void> abort;

  InterruptibleUpload(RemoteUpload upload) {
    this.upload = upload;
  }

  @Override
  public String name() {
    return upload.name();
  }

  @Override
  public long partSize(int part) {
    return upload.partSize(part);
  }

  @Override
  public int maxParts() {
    return upload.maxParts();
  }

  @Override
  public synchronized CompletableFuture<Void> send(int part, MemorySegment bytes) {
    return ended ? refused() : begin(upload.send(part, bytes));
  }

  @Override
  public synchronized CompletableFuture<Void> complete() {
    if (ended) {
      return refused();
    }
    return begin(upload.complete().thenRun(this::setComplete));
  }

  private synchronized void setComplete() {
    complete = true;
  }

  private CompletableFuture<Void> begin(CompletableFuture<Void> request) {
    underWay = CompletableFuture.allOf(underWay, request.handle((_, _) -> true));
    return request;
  }

  private static CompletableFuture<Void> refused() {
    return CompletableFuture.failedFuture(new IOException("the upload was ended by a signal"));
  }

  @Override
  public synchronized CompletableFuture<Void> abort() {
    ended = true;
    CompletableFuture<Void> request = upload.abort();
    abort = request;
    return request;
  }

  /**
   * Ends the upload when the requests that are on their way have been answered: aborts it unless
   * the file is complete or the writer has aborted it.
   *
   * @return whether the file is complete
   */
  synchronized CompletableFuture<Boolean> end() {
    ended = true;
    return underWay
        .thenApply(_ -> isComplete())
        .thenCompose(done -> done ? CompletableFuture.completedFuture(true) : aborted());
  }

  private synchronized boolean isComplete() {
    return complete;
  }

  private synchronized CompletableFuture<Boolean> aborted() {
    CompletableFuture<Void> earlier = abort;
    CompletableFuture<Void> request =
        earlier == null || earlier.isCompletedExceptionally() ? abort() : earlier;
    return request.thenApply(_ -> false);
  }
}

package io.disky.s3;

import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Copies the bytes of an answer to a segment as they come. After {@link #end} nothing is copied, so
 * that the memory can be used for something else. Thread-safe.
 */
final class SegmentReceiver
    implements AsyncResponseTransformer<GetObjectResponse, SegmentReceiver.Received> {
  /**
   * A complete answer.
   *
   * @param length how many bytes were copied
   */
  record Received(GetObjectResponse response, long length) {}

  private final MemorySegment target;
  private boolean ended;

  // The SDK makes one attempt after the other, if its client repeats requests.
  private @Nullable Attempt attempt;

  SegmentReceiver(MemorySegment target) {
    this.target = target;
  }

  /** Ends the use of the segment: returns after the last copy. */
  synchronized void end() {
    ended = true;
  }

  @Override
  public synchronized CompletableFuture<Received> prepare() {
    attempt = new Attempt();
    return attempt.received;
  }

  private synchronized Attempt attempt() {
    if (attempt == null) {
      throw new IllegalStateException("an answer without a request");
    }
    return attempt;
  }

  @Override
  public void onResponse(GetObjectResponse response) {
    attempt().response = response;
  }

  @Override
  public void onStream(SdkPublisher<ByteBuffer> publisher) {
    publisher.subscribe(attempt());
  }

  @Override
  public void exceptionOccurred(Throwable error) {
    attempt().received.completeExceptionally(error);
  }

  /** Returns false if the segment must not be used any more, or an earlier attempt has bytes. */
  private synchronized boolean copy(Attempt from, ByteBuffer bytes) {
    if (ended || from != attempt) {
      return false;
    }
    long length = Math.min(bytes.remaining(), target.byteSize() - from.length);
    MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, target, from.length, length);
    from.length += length;
    return true;
  }

  private final class Attempt implements Subscriber<ByteBuffer> {
    private final CompletableFuture<Received> received = new CompletableFuture<>();
    private volatile @Nullable GetObjectResponse response;
    private volatile @Nullable Subscription subscription;
    private long length;

    @Override
    public void onSubscribe(Subscription begun) {
      if (subscription != null) {
        begun.cancel();
        return;
      }
      subscription = begun;
      begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      if (!copy(this, bytes)) {
        Subscription begun = subscription;
        if (begun != null) {
          begun.cancel();
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      received.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      GetObjectResponse answer = response;
      long copied = copied();
      if (answer == null) {
        received.completeExceptionally(new IllegalStateException("bytes without an answer"));
      } else if (answer.contentLength() != null
          && copied < Math.min(answer.contentLength(), target.byteSize())) {
        received.completeExceptionally(
            new EOFException(
                "the answer ended after " + copied + " of " + answer.contentLength() + " bytes"));
      } else {
        received.complete(new Received(answer, copied));
      }
    }

    private long copied() {
      synchronized (SegmentReceiver.this) {
        return length;
      }
    }
  }
}

package io.disky.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer without bytes of the file. A short one is received, so that the connection
 * can be used again; a longer one ends the connection.
 */
final class IgnoredBody implements BodySubscriber<Long> {
  private static final long MOST = 64 << 10;

  private final CompletableFuture<Long> result = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;
  private long received;

  @Override
  public CompletionStage<Long> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscribed) {
    subscription = subscribed;
    subscribed.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      received += buffer.remaining();
    }
    if (received > MOST && subscription != null) {
      subscription.cancel();
      result.complete(0L);
    }
  }

  @Override
  public void onError(Throwable thrown) {
    result.complete(0L);
  }

  @Override
  public void onComplete() {
    result.complete(0L);
  }
}

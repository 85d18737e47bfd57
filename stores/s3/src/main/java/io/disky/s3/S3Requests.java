package io.disky.s3;

import io.disky.objects.RepeatedRequest;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Makes requests whose callers wait. */
final class S3Requests {
  private S3Requests() {}

  /**
   * Makes a request, again if it may succeed later.
   *
   * @param name the address in messages
   * @param action the permission that the request needs
   */
  static <T> T make(String name, String action, Supplier<CompletableFuture<T>> request)
      throws IOException {
    return RepeatedRequest.make(
        name,
        failure ->
            failure instanceof RemoteRequestException known && known.isRepeatable()
                ? known.delay().orElse(Duration.ZERO)
                : null,
        () -> {
          try {
            return RepeatedRequest.await(request.get());
          } catch (ExecutionException | TimeoutException | RuntimeException e) {
            throw S3Failures.of(name, action, e);
          }
        });
  }
}

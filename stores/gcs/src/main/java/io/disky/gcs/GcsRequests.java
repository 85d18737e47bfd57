package io.disky.gcs;

import io.disky.objects.RepeatedRequest;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.time.Duration;

/** Makes requests whose callers wait. */
final class GcsRequests {
  private GcsRequests() {}

  /** A request of the client. */
  interface Request<T> {
    T make() throws IOException;
  }

  /**
   * Makes a request, again if it may succeed later.
   *
   * @param name the address in messages
   * @param action the permission that the request needs
   */
  static <T> T make(String name, String action, Request<T> request) throws IOException {
    return RepeatedRequest.make(
        name,
        failure ->
            failure instanceof RemoteRequestException known && known.isRepeatable()
                ? known.delay().orElse(Duration.ZERO)
                : null,
        () -> {
          try {
            return request.make();
          } catch (IOException | RuntimeException e) {
            throw GcsFailures.of(name, action, e);
          }
        });
  }
}

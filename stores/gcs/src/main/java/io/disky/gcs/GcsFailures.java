package io.disky.gcs;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import com.google.auth.Retryable;
import io.disky.http.HttpStatus;
import io.disky.http.RetryAfter;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** The exceptions for failures of Google's client. Their messages contain no credentials. */
final class GcsFailures {
  private GcsFailures() {}

  /**
   * The exception for a failed request.
   *
   * @param name the address of the object
   * @param action the permission that the request needs, such as {@code storage.objects.get}
   */
  static IOException of(String name, String action, Throwable failure) {
    return switch (failure) {
      case RemoteRequestException e -> e;
      case RemoteFileChangedException e -> e;
      case FileSystemException e -> e;
      case HttpResponseException e -> answered(name, action, e);
      // Such as a failure to renew a token, which tells whether it may succeed later.
      case IOException e when e instanceof Retryable known ->
          new RemoteRequestException(text(name, action, e), known.isRetryable(), null, e);
      case IOException e -> new RemoteRequestException(text(name, action, e), true, null, e);
      default -> new IOException(text(name, action, failure), failure);
    };
  }

  private static String text(String name, String action, Throwable failure) {
    return name + ": " + action + ": " + failure;
  }

  /** Without the cause: its message has the query of the request, which can contain a key. */
  private static IOException answered(String name, String action, HttpResponseException failure) {
    return of(
        name,
        action,
        failure.getStatusCode(),
        detail(failure),
        failure.getHeaders().getRetryAfter());
  }

  /** The exception for a status other than success. */
  static IOException of(
      String name, String action, int status, String detail, @Nullable String retryAfter) {
    String reason = action + ": status " + status + detail;
    IOException known =
        switch (status) {
          case 401, 403 -> new AccessDeniedException(name, null, reason);
          case 404 -> new NoSuchFileException(name, null, reason);
          case 412 ->
              action.equals(GcsUpload.ACTION)
                  ? new FileAlreadyExistsException(name, null, reason)
                  : new RemoteFileChangedException(
                      name + ": the object was replaced while it was read (" + reason + ")");
          default -> null;
        };
    return known != null
        ? known
        : new RemoteRequestException(
            name + ": " + reason, HttpStatus.isPassing(status), RetryAfter.delay(retryAfter), null);
  }

  private static String detail(HttpResponseException failure) {
    GoogleJsonError details =
        failure instanceof GoogleJsonResponseException json ? json.getDetails() : null;
    return details == null || details.getMessage() == null ? "" : ": " + details.getMessage();
  }
}

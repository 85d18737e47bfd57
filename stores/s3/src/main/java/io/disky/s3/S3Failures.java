package io.disky.s3;

import io.disky.http.HttpStatus;
import io.disky.http.RetryAfter;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** The exceptions for failures of the SDK. Their messages contain no credentials. */
final class S3Failures {
  private static final Set<String> REPEATABLE_CODE =
      Set.of(
          "InternalError",
          "OperationAborted",
          "RequestTimeout",
          "ServiceUnavailable",
          "SlowDown",
          "ConditionalRequestConflict",
          "ThrottlingException",
          "TooManyRequests");

  private S3Failures() {}

  /** The failure that a future of the SDK was completed with. */
  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** The status of HTTP of a failure; 0 if the store has not answered. */
  static int status(Throwable failure) {
    return cause(failure) instanceof AwsServiceException e ? e.statusCode() : 0;
  }

  /** The error code of S3, such as {@code NoSuchUpload}; empty if there is none. */
  static String code(Throwable failure) {
    if (cause(failure) instanceof AwsServiceException e) {
      AwsErrorDetails details = e.awsErrorDetails();
      return details == null || details.errorCode() == null ? "" : details.errorCode();
    }
    return "";
  }

  /**
   * The exception for an answer that lacks something which S3 always states. The SDK takes the
   * beginning of an answer for a complete one if the connection ends between two headers.
   */
  static CompletionException incomplete(String name, String action, String missing) {
    return new CompletionException(
        new RemoteRequestException(
            name + ": " + action + ": the answer is not complete: it states no " + missing,
            true,
            null,
            null));
  }

  /**
   * The exception for a failed request.
   *
   * @param name the address of the object
   * @param action the permission that the request needs, such as {@code s3:GetObject}
   */
  static IOException of(String name, String action, Throwable failure) {
    Throwable cause = cause(failure);
    if (cause instanceof RemoteRequestException e) {
      return e;
    }
    if (cause instanceof AwsServiceException e) {
      return answered(name, action, e);
    }
    if (cause instanceof SdkException e) {
      return unanswered(name, action, e);
    }
    if (cause instanceof TimeoutException) {
      return new RemoteRequestException(
          name + ": " + action + ": the store has not answered in time", true, null, cause);
    }
    return cause instanceof IOException e
        ? new RemoteRequestException(name + ": " + action + ": " + e.getMessage(), true, null, e)
        : new IOException(name + ": " + action + ": " + cause, cause);
  }

  private static IOException answered(String name, String action, AwsServiceException failure) {
    String reason = action + ": " + describe(failure);
    IOException known =
        switch (failure.statusCode()) {
          case 403 -> new AccessDeniedException(name, null, reason);
          case 404 -> new NoSuchFileException(name, null, reason);
          case 412 ->
              action.equals("s3:PutObject")
                  ? new FileAlreadyExistsException(name, null, reason)
                  : new RemoteFileChangedException(
                      name + ": the object was replaced while it was read (" + reason + ")");
          default -> null;
        };
    if (known != null) {
      known.initCause(failure);
      return known;
    }
    boolean repeatable =
        HttpStatus.isPassing(failure.statusCode()) || REPEATABLE_CODE.contains(code(failure));
    return new RemoteRequestException(
        name + ": " + reason + advice(failure.statusCode()), repeatable, delay(failure), failure);
  }

  private static String describe(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    String text = details == null ? null : details.errorMessage();
    return "status "
        + failure.statusCode()
        + (code(failure).isEmpty() ? "" : " " + code(failure))
        + (text == null || text.isEmpty() ? "" : ": " + text)
        + (failure.requestId() == null ? "" : " (request " + failure.requestId() + ")");
  }

  private static String advice(int status) {
    return switch (status) {
      case 301, 307, 400 ->
          "; if the bucket is in another region, set AWS_REGION or the region of the client";
      case 501 ->
          "; if the store does not know If-None-Match, choose OpenMode.OVERWRITE for new files";
      default -> "";
    };
  }

  private static IOException unanswered(String name, String action, SdkException failure) {
    return new RemoteRequestException(
        name + ": " + action + ": " + failure.getMessage(), isOfTheNetwork(failure), null, failure);
  }

  /** Missing credentials, for example, are also failures without an answer. */
  private static boolean isOfTheNetwork(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof XMLStreamException // of an answer that is not complete
          || (cause instanceof SdkException e && e.retryable())) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static @Nullable Duration delay(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    return details == null || details.sdkHttpResponse() == null
        ? null
        : details
            .sdkHttpResponse()
            .firstMatchingHeader("Retry-After")
            .map(RetryAfter::delay)
            .orElse(null);
  }
}

package io.disky.s3;

import io.disky.objects.AnsweredRange;
import io.disky.objects.ObjectAddress;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** An object that is read. Its version is the entity tag. */
final class S3File implements RemoteFile {
  private static final String ACTION = "s3:GetObject";
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final ObjectAddress address;
  private final Supplier<S3AsyncClient> client;

  /**
   * A file.
   *
   * @param client throws an exception if the store is closed
   */
  S3File(ObjectAddress address, Supplier<S3AsyncClient> client) {
    this.address = address;
    this.client = client;
  }

  @Override
  public String name() {
    return address.name();
  }

  @Override
  public CompletableFuture<RemoteRange> read(
      long position, MemorySegment target, Optional<String> version) {
    GetObjectRequest.Builder request =
        request("bytes=" + position + "-" + (position + target.byteSize() - 1));
    version.ifPresent(request::ifMatch);
    PendingRange range = new PendingRange(new SegmentReceiver(target));
    ask(
        request.build(),
        range,
        (failure, _) -> range.completeExceptionally(failed(failure)),
        received -> range(received, position));
    return range;
  }

  @Override
  public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
    PendingRange range = new PendingRange(new SegmentReceiver(target));
    ask(
        request("bytes=-" + target.byteSize()).build(),
        range,
        (failure, status) -> {
          if (status == RANGE_NOT_SATISFIABLE) {
            readEmpty(range);
          } else {
            range.completeExceptionally(failed(failure));
          }
        },
        received -> range(received, -1));
    return range;
  }

  private GetObjectRequest.Builder request(String bytes) {
    return GetObjectRequest.builder().bucket(address.bucket()).key(address.key()).range(bytes);
  }

  private IOException failed(Throwable failure) {
    return S3Failures.of(name(), ACTION, failure);
  }

  private interface Refusal {
    void accept(Throwable failure, int status);
  }

  private interface Conversion {
    RemoteRange of(SegmentReceiver.Received received);
  }

  private void ask(
      GetObjectRequest request, PendingRange range, Refusal refusal, Conversion conversion) {
    CompletableFuture<SegmentReceiver.Received> asked;
    try {
      asked = client.get().getObject(request, range.receiver());
    } catch (RuntimeException e) {
      range.completeExceptionally(failed(e));
      return;
    }
    range.begun(asked);
    var _ =
        asked.whenComplete((received, failure) -> {
          if (failure != null) {
            refusal.accept(failure, S3Failures.status(failure));
            return;
          }
          try {
            range.complete(conversion.of(received));
          } catch (RuntimeException e) {
            range.completeExceptionally(failed(e));
          }
        });
  }

  /** The range of an object of 0 bytes, of which S3 reads no range. */
  private void readEmpty(PendingRange range) {
    CompletableFuture<HeadObjectResponse> asked;
    try {
      asked =
          client.get().headObject(request -> request.bucket(address.bucket()).key(address.key()));
    } catch (RuntimeException e) {
      range.completeExceptionally(failed(e));
      return;
    }
    range.begun(asked);
    var _ =
        asked.whenComplete((head, failure) -> {
          if (failure != null) {
            range.completeExceptionally(failed(failure));
          } else if (head.eTag() != null && Long.valueOf(0).equals(head.contentLength())) {
            range.complete(new RemoteRange(0, 0, 0, head.eTag()));
          } else {
            range.completeExceptionally(unexpected("a refusal, although it is not empty"));
          }
        });
  }

  /**
   * The range that was read.
   *
   * @param position the first byte that was requested; -1 if the end of the object was
   */
  private RemoteRange range(SegmentReceiver.Received received, long position) {
    GetObjectResponse response = received.response();
    String version = response.eTag();
    if (version == null) {
      throw S3Failures.incomplete(name(), ACTION, "ETag");
    }
    return new AnsweredRange(position, received.length())
        .check(
            response.contentRange(),
            response.contentLength(),
            (begin, length, size) -> new RemoteRange(begin, length, size, version),
            answer -> new CompletionException(unexpected(answer)));
  }

  /** Repeatable, because the beginning of a broken answer may also look like this. */
  private RemoteRequestException unexpected(String answer) {
    return new RemoteRequestException(
        name() + ": " + ACTION + ": a request for a range was answered with " + answer,
        true,
        null,
        null);
  }

  @Override
  public String toString() {
    return name();
  }
}

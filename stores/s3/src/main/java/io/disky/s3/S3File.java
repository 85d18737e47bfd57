package io.disky.s3;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** An object that is read. Its version is the entity tag. */
final class S3File implements RemoteFile {
  private static final String ACTION = "s3:GetObject";
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

  private final ObjectAddress address;
  private final S3AsyncClient client;

  S3File(ObjectAddress address, S3AsyncClient client) {
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
      asked = client.getObject(request, range.receiver());
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
    CompletableFuture<HeadObjectResponse> asked =
        client.headObject(request -> request.bucket(address.bucket()).key(address.key()));
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
    if (response.contentRange() == null) {
      return complete(received, position, version);
    }
    Matcher stated = CONTENT_RANGE.matcher(response.contentRange());
    if (!stated.matches()) {
      throw new CompletionException(unexpected("Content-Range " + response.contentRange()));
    }
    long begin = Long.parseLong(stated.group(1));
    long size = Long.parseLong(stated.group(3));
    boolean asRequested = position < 0 ? begin + received.length() == size : begin == position;
    if (!asRequested || begin > size || received.length() > size - begin) {
      throw new CompletionException(unexpected("Content-Range " + response.contentRange()));
    }
    return new RemoteRange(begin, received.length(), size, version);
  }

  /** An answer without a range is the complete object. */
  private RemoteRange complete(SegmentReceiver.Received received, long position, String version) {
    Long size = received.response().contentLength();
    boolean usable = position == 0 || (position < 0 && size != null && received.length() == size);
    if (size == null || !usable) {
      throw new CompletionException(unexpected("the complete object"));
    }
    return new RemoteRange(0, received.length(), size, version);
  }

  /** Repeatable, because the beginning of a broken answer may also look like this. */
  private RemoteRequestException unexpected(String answer) {
    return new RemoteRequestException(
        name() + ": " + ACTION + ": the store has answered a request for a range with " + answer,
        true,
        null,
        null);
  }

  @Override
  public String toString() {
    return name();
  }
}

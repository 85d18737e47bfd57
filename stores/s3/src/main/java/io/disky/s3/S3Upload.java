package io.disky.s3;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.disky.objects.ObjectAddress;
import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * A multipart upload, which begins with the first complete part. An object that is smaller than a
 * part is written by one request. Each upload marks its object, so that it recognises its own
 * object if the answer to the last request was lost.
 */
final class S3Upload implements RemoteUpload {
  private static final String ACTION = "s3:PutObject";
  private static final String MARK = "disky-upload";

  private final ObjectAddress address;
  private final boolean replace;
  private final S3AsyncClient client;
  private final PartSizes sizes;
  private final String id = UUID.randomUUID().toString();

  // Written by the threads of the SDK.
  private final Map<Integer, CompletedPart> parts = new TreeMap<>();

  private @Nullable CompletableFuture<String> begun;

  // The bytes of an object that is smaller than a part.
  private byte @Nullable [] small;
  private boolean mayHaveAppeared;

  S3Upload(ObjectAddress address, boolean replace, S3AsyncClient client, PartSizes sizes) {
    this.address = address;
    this.replace = replace;
    this.client = client;
    this.sizes = sizes;
  }

  @Override
  public String name() {
    return address.name();
  }

  @Override
  public long partSize(int part) {
    return sizes.size(part);
  }

  @Override
  public CompletableFuture<Void> send(int part, MemorySegment bytes) {
    if (part >= PartSizes.MAX_PARTS) {
      return CompletableFuture.failedFuture(
          new IOException(
              name()
                  + ": the file is larger than "
                  + sizes.largestFile()
                  + " bytes, the most that "
                  + PartSizes.MAX_PARTS
                  + " parts can have; write more, smaller files, or choose a larger part size"));
    }
    if (part == 0 && bytes.byteSize() < sizes.size(0)) {
      small = bytes.toArray(JAVA_BYTE);
      return CompletableFuture.completedFuture(null);
    }
    return translated(begin().thenCompose(upload -> sendPart(upload, part, bytes)));
  }

  /** Begins the upload, unless it has begun. */
  private CompletableFuture<String> begin() {
    CompletableFuture<String> earlier = begun;
    if (earlier == null || earlier.isCompletedExceptionally()) {
      earlier =
          ask(() ->
                  client.createMultipartUpload(request ->
                      request
                          .bucket(address.bucket())
                          .key(address.key())
                          .metadata(Map.of(MARK, id))))
              .thenApply(this::uploadId);
      begun = earlier;
    }
    return earlier;
  }

  private String uploadId(CreateMultipartUploadResponse response) {
    if (response.uploadId() == null) {
      throw S3Failures.incomplete(name(), ACTION, "UploadId");
    }
    return response.uploadId();
  }

  /** An answer without an entity tag is not complete: the object may be missing. */
  private void requireTag(@Nullable String tag) {
    if (tag == null) {
      throw S3Failures.incomplete(name(), ACTION, "ETag");
    }
  }

  private CompletableFuture<Void> sendPart(String upload, int part, MemorySegment bytes) {
    int number = part + 1;
    return ask(() ->
            client.uploadPart(
                request ->
                    request
                        .bucket(address.bucket())
                        .key(address.key())
                        .uploadId(upload)
                        .partNumber(number)
                        .contentLength(bytes.byteSize()),
                AsyncRequestBody.fromRemainingByteBufferUnsafe(bytes.asByteBuffer())))
        .thenAccept(response -> keep(number, response));
  }

  /** The checksums are those that the client computes, if it does. */
  private void keep(int number, UploadPartResponse response) {
    requireTag(response.eTag());
    CompletedPart part =
        CompletedPart.builder()
            .partNumber(number)
            .eTag(response.eTag())
            .checksumCRC32(response.checksumCRC32())
            .checksumCRC32C(response.checksumCRC32C())
            .checksumCRC64NVME(response.checksumCRC64NVME())
            .checksumSHA1(response.checksumSHA1())
            .checksumSHA256(response.checksumSHA256())
            .build();
    synchronized (parts) {
      parts.put(number, part);
    }
  }

  @Override
  public CompletableFuture<Void> complete() {
    CompletableFuture<Void> completed = begun == null ? put() : completeParts(begun);
    boolean repeated = mayHaveAppeared;
    mayHaveAppeared = true;
    return translated(completed).exceptionallyCompose(failure -> appeared(failure, repeated));
  }

  private CompletableFuture<Void> put() {
    byte[] bytes = small == null ? new byte[0] : small;
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(address.bucket())
            .key(address.key())
            .metadata(Map.of(MARK, id));
    if (!replace) {
      request.ifNoneMatch("*");
    }
    return ask(() -> client.putObject(request.build(), AsyncRequestBody.fromBytes(bytes)))
        .thenAccept(response -> requireTag(response.eTag()));
  }

  private CompletableFuture<Void> completeParts(CompletableFuture<String> upload) {
    return upload
        .thenCompose(id -> {
          CompleteMultipartUploadRequest.Builder request =
              CompleteMultipartUploadRequest.builder()
                  .bucket(address.bucket())
                  .key(address.key())
                  .uploadId(id)
                  .multipartUpload(all -> all.parts(sentParts()));
          if (!replace) {
            request.ifNoneMatch("*");
          }
          return ask(() -> client.completeMultipartUpload(request.build()));
        })
        .thenAccept(response -> requireTag(response.eTag()));
  }

  private List<CompletedPart> sentParts() {
    synchronized (parts) {
      return new ArrayList<>(parts.values());
    }
  }

  /**
   * Whether a request that has failed was successful earlier: its answer was lost, and the object
   * or the missing upload is the reason for this failure.
   */
  private CompletableFuture<Void> appeared(Throwable failure, boolean repeated) {
    Throwable cause = S3Failures.cause(failure);
    if (!repeated) {
      return CompletableFuture.failedFuture(cause);
    }
    return ask(
            () -> client.headObject(request -> request.bucket(address.bucket()).key(address.key())))
        .thenCompose(head ->
            id.equals(head.metadata().get(MARK))
                ? done()
                : CompletableFuture.<Void>failedFuture(cause))
        .exceptionallyCompose(_ -> CompletableFuture.failedFuture(cause));
  }

  @Override
  public CompletableFuture<Void> abort() {
    small = null;
    if (begun == null) {
      return done();
    }
    return begun.isCompletedExceptionally() ? done() : begun.thenCompose(this::abort);
  }

  private CompletableFuture<Void> abort(String upload) {
    CompletableFuture<Void> aborted =
        ask(() ->
                client.abortMultipartUpload(request ->
                    request.bucket(address.bucket()).key(address.key()).uploadId(upload)))
            .thenCompose(_ -> done())
            .exceptionallyCompose(failure ->
                S3Failures.code(failure).equals("NoSuchUpload")
                    ? done()
                    : CompletableFuture.<Void>failedFuture(failure));
    return translated(aborted, "s3:AbortMultipartUpload");
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  /** A request of the SDK, which may also throw. */
  private static <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> request) {
    try {
      return request.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Void> translated(CompletableFuture<Void> request) {
    return translated(request, ACTION);
  }

  private CompletableFuture<Void> translated(CompletableFuture<Void> request, String action) {
    CompletableFuture<Void> translated = new CompletableFuture<>();
    var _ =
        request.whenComplete((_, failure) -> {
          if (failure == null) {
            translated.complete(null);
          } else {
            translated.completeExceptionally(S3Failures.of(name(), action, failure));
          }
        });
    return translated;
  }

  @Override
  public String toString() {
    return name();
  }
}

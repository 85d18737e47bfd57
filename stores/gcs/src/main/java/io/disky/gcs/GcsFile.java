package io.disky.gcs;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpResponseException;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.StorageObject;
import io.disky.objects.AnsweredRange;
import io.disky.objects.ObjectAddress;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** An object that is read. Its version is the generation. */
final class GcsFile implements RemoteFile {
  static final String ACTION = "storage.objects.get";

  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final ObjectAddress address;
  private final Storage client;
  private final Executor threads;

  GcsFile(ObjectAddress address, Storage client, Executor threads) {
    this.address = address;
    this.client = client;
    this.threads = threads;
  }

  @Override
  public String name() {
    return address.name();
  }

  @Override
  public CompletableFuture<RemoteRange> read(
      long position, MemorySegment target, Optional<String> version) {
    PendingRange range = new PendingRange(target);
    String bytes = "bytes=" + position + "-" + (position + target.byteSize() - 1);
    return begin(range, () -> read(range, bytes, version, position));
  }

  @Override
  public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
    PendingRange range = new PendingRange(target);
    return begin(range, () -> readEnd(range));
  }

  private interface Request {
    RemoteRange make() throws IOException;
  }

  /** The client blocks, so each request has a thread. */
  private CompletableFuture<RemoteRange> begin(PendingRange range, Request request) {
    try {
      threads.execute(() -> {
        try {
          range.complete(request.make());
        } catch (IOException | RuntimeException e) {
          range.completeExceptionally(GcsFailures.of(name(), ACTION, e));
        }
      });
    } catch (IllegalStateException e) { // the store is closed
      range.completeExceptionally(GcsFailures.of(name(), ACTION, e));
    }
    return range;
  }

  private RemoteRange readEnd(PendingRange range) throws IOException {
    try {
      return read(range, "bytes=-" + range.size(), Optional.empty(), -1);
    } catch (HttpResponseException e) {
      if (e.getStatusCode() == RANGE_NOT_SATISFIABLE) {
        return empty();
      }
      throw e;
    }
  }

  /** The range of an object of 0 bytes, of which no range can be read. */
  private RemoteRange empty() throws IOException {
    StorageObject object =
        client
            .objects()
            .get(address.bucket(), address.key())
            .setFields("generation,size")
            .execute();
    if (object.getGeneration() == null || !BigInteger.ZERO.equals(object.getSize())) {
      throw unexpected("a refusal, although it is not empty");
    }
    return new RemoteRange(0, 0, 0, object.getGeneration().toString());
  }

  /**
   * Reads a range.
   *
   * @param position the first byte; -1 if the end of the object is read
   */
  private RemoteRange read(
      PendingRange range, String bytes, Optional<String> version, long position)
      throws IOException {
    Storage.Objects.Get get = client.objects().get(address.bucket(), address.key());
    version.ifPresent(generation -> get.setIfGenerationMatch(Long.valueOf(generation)));
    get.getRequestHeaders().setRange(bytes);
    // The bytes as they are stored, also if the object says that it is compressed.
    get.setReturnRawInputStream(true);
    HttpResponse response = get.executeMedia();
    boolean complete = false;
    try {
      long length = range.copy(response.getContent());
      complete = true;
      return range(response.getHeaders(), position, length);
    } finally {
      if (complete) {
        response.ignore();
      }
      response.disconnect();
    }
  }

  private RemoteRange range(HttpHeaders headers, long position, long length)
      throws RemoteRequestException {
    String generation = headers.getFirstHeaderStringValue("x-goog-generation");
    if (generation == null) {
      throw unexpected("no generation");
    }
    return new AnsweredRange(position, length)
        .check(
            headers.getContentRange(),
            headers.getContentLength(),
            (begin, received, size) -> new RemoteRange(begin, received, size, generation),
            this::unexpected);
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

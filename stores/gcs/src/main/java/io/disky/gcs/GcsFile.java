package io.disky.gcs;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpResponseException;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.StorageObject;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An object that is read. Its version is the generation. */
final class GcsFile implements RemoteFile {
  static final String ACTION = "storage.objects.get";

  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

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
    threads.execute(() -> {
      try {
        range.complete(request.make());
      } catch (IOException | RuntimeException e) {
        range.completeExceptionally(GcsFailures.of(name(), ACTION, e));
      }
    });
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
    String stated = headers.getContentRange();
    if (stated == null) {
      return complete(headers.getContentLength(), position, length, generation);
    }
    Matcher parts = CONTENT_RANGE.matcher(stated);
    if (!parts.matches()) {
      throw unexpected("Content-Range " + stated);
    }
    long begin = Long.parseLong(parts.group(1));
    long end = Long.parseLong(parts.group(2)) + 1;
    long size = Long.parseLong(parts.group(3));
    boolean asRequested = position < 0 ? end == size : begin == position;
    if (!asRequested || begin + length != end || end > size) {
      throw unexpected(length + " bytes with Content-Range " + stated);
    }
    return new RemoteRange(begin, length, size, generation);
  }

  /** An answer without a range is the complete object. */
  private RemoteRange complete(@Nullable Long size, long position, long length, String generation)
      throws RemoteRequestException {
    boolean usable = position == 0 || (position < 0 && size != null && length == size);
    if (size == null || !usable) {
      throw unexpected("the complete object");
    }
    return new RemoteRange(0, length, size, generation);
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

package io.disky.gcs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import com.google.api.client.http.ByteArrayContent;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpContent;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.util.escape.CharEscapers;
import com.google.api.services.storage.Storage;
import io.disky.objects.ObjectAddress;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A resumable upload: a session to which the bytes go in order. The store keeps multiples of 256
 * KiB; what remains at the end is sent with the request that completes the object.
 */
final class GcsUpload implements RemoteUpload {
  static final String ACTION = "storage.objects.create";

  private static final int UNIT = 256 << 10;
  private static final long PART_SIZE = 16L << 20;
  private static final int RESUME_INCOMPLETE = 308;
  private static final int CANCELLED = 499;
  private static final Pattern KEPT = Pattern.compile("bytes=0-([0-9]{1,18})");

  private final ObjectAddress address;
  private final boolean replace;
  private final Storage client;
  private final Executor threads;

  // Used by one request at a time.
  private @Nullable GenericUrl session;
  private long kept;
  private boolean doubtful;
  private byte[] rest = new byte[0];

  GcsUpload(ObjectAddress address, boolean replace, Storage client, Executor threads) {
    this.address = address;
    this.replace = replace;
    this.client = client;
    this.threads = threads;
  }

  @Override
  public String name() {
    return address.name();
  }

  @Override
  public long partSize(int part) {
    return PART_SIZE;
  }

  /** A session takes the bytes in order. */
  @Override
  public int maxParts() {
    return 1;
  }

  private interface Step {
    void take() throws IOException;
  }

  /** The client blocks, so each request has a thread. */
  private CompletableFuture<Void> begin(String action, Step step) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    try {
      threads.execute(() -> {
        try {
          step.take();
          taken.complete(null);
        } catch (IOException | RuntimeException e) {
          taken.completeExceptionally(GcsFailures.of(name(), action, e));
        }
      });
    } catch (IllegalStateException e) { // the store is closed
      taken.completeExceptionally(GcsFailures.of(name(), action, e));
    }
    return taken;
  }

  @Override
  public CompletableFuture<Void> send(int part, MemorySegment bytes) {
    return begin(ACTION, () -> sendPart(part * PART_SIZE, bytes));
  }

  private void sendPart(long begin, MemorySegment bytes) throws IOException {
    long whole = bytes.byteSize() / UNIT * UNIT;
    findKept();
    while (kept < begin + whole) {
      long from = kept - begin;
      if (from < 0) {
        throw new RemoteRequestException(
            name() + ": the session has lost bytes that it had stored", false, null, null);
      }
      put(bytes.asSlice(from, whole - from).toArray(JAVA_BYTE), "*");
    }
    rest = bytes.asSlice(whole).toArray(JAVA_BYTE);
  }

  /** Asks how many bytes the session has, if the last answer was lost. */
  private void findKept() throws IOException {
    if (doubtful) {
      HttpResponse response = put(session(), new byte[0], "bytes */*");
      try {
        accept(response);
      } finally {
        response.disconnect();
      }
    }
  }

  private void put(byte[] bytes, String total) throws IOException {
    String range =
        bytes.length == 0
            ? "bytes */" + total
            : "bytes " + kept + "-" + (kept + bytes.length - 1) + "/" + total;
    GenericUrl open = session();
    doubtful = true;
    HttpResponse response = put(open, bytes, range);
    try {
      accept(response);
    } finally {
      response.disconnect();
    }
  }

  private HttpResponse put(GenericUrl open, byte[] bytes, String range) throws IOException {
    HttpRequest request =
        client
            .getRequestFactory()
            .buildPutRequest(open, new ByteArrayContent("application/octet-stream", bytes));
    request.getHeaders().setContentRange(range);
    return execute(request);
  }

  private static HttpResponse execute(HttpRequest request) throws IOException {
    return request
        .setFollowRedirects(false)
        .setThrowExceptionOnExecuteError(false)
        .setNumberOfRetries(1) // after a token has expired
        .execute();
  }

  private void accept(HttpResponse response) throws IOException {
    if (response.getStatusCode() == RESUME_INCOMPLETE) {
      String range = response.getHeaders().getRange();
      Matcher stated = KEPT.matcher(range == null ? "" : range);
      if (stated.matches()) {
        kept = Long.parseLong(stated.group(1)) + 1;
      } else if (range == null && kept == 0) {
        kept = 0;
      } else {
        throw incomplete("Range");
      }
      doubtful = false;
      return;
    }
    throw refused(response);
  }

  private IOException refused(HttpResponse response) {
    return GcsFailures.of(
        name(), ACTION, response.getStatusCode(), "", response.getHeaders().getRetryAfter());
  }

  private RemoteRequestException incomplete(String missing) {
    return new RemoteRequestException(
        name() + ": " + ACTION + ": the answer is not complete: it states no " + missing,
        true,
        null,
        null);
  }

  /** The session, which begins with the first part. */
  private GenericUrl session() throws IOException {
    if (session == null) {
      session = newSession();
    }
    return session;
  }

  private GenericUrl newSession() throws IOException {
    GenericUrl url =
        new GenericUrl(
            client.getRootUrl()
                + "upload/"
                + client.getServicePath()
                + "b/"
                + CharEscapers.escapeUriPath(address.bucket())
                + "/o");
    url.put("uploadType", "resumable");
    url.put("name", address.key());
    if (!replace) {
      url.put("ifGenerationMatch", "0");
    }
    HttpContent none = new ByteArrayContent("application/json", new byte[0]);
    HttpResponse response = execute(client.getRequestFactory().buildPostRequest(url, none));
    try {
      if (!response.isSuccessStatusCode()) {
        throw refused(response);
      }
      String location = response.getHeaders().getLocation();
      if (location == null) {
        throw incomplete("Location");
      }
      return new GenericUrl(location, true);
    } finally {
      response.disconnect();
    }
  }

  @Override
  public CompletableFuture<Void> complete() {
    return begin(ACTION, this::completeObject);
  }

  private void completeObject() throws IOException {
    if (doubtful && isComplete()) {
      return;
    }
    long total = kept + rest.length;
    String range =
        rest.length == 0 ? "bytes */" + total : "bytes " + kept + "-" + (total - 1) + "/" + total;
    GenericUrl open = session();
    doubtful = true;
    HttpResponse response = put(open, rest, range);
    try {
      if (!response.isSuccessStatusCode()) {
        throw refused(response);
      }
    } finally {
      response.disconnect();
    }
  }

  /** Whether an earlier request has completed the object, although its answer was lost. */
  private boolean isComplete() throws IOException {
    HttpResponse response = put(session(), new byte[0], "bytes */*");
    try {
      if (response.isSuccessStatusCode()) {
        return true;
      }
      accept(response);
      return false;
    } finally {
      response.disconnect();
    }
  }

  @Override
  public CompletableFuture<Void> abort() {
    return begin(ACTION, this::abortSession);
  }

  private void abortSession() throws IOException {
    if (session == null) {
      return;
    }
    HttpResponse response = execute(client.getRequestFactory().buildDeleteRequest(session));
    try {
      int status = response.getStatusCode();
      boolean gone = status == CANCELLED || status == 404 || status == 410;
      if (!gone && !response.isSuccessStatusCode()) {
        throw refused(response);
      }
    } finally {
      response.disconnect();
    }
  }

  @Override
  public String toString() {
    return name();
  }
}

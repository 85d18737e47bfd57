package io.disky.http;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Requests ranges of files. Thread-safe. */
public final class HttpFiles implements AutoCloseable {
  /** How long a request may make no progress. */
  static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

  private final Function<URI, HttpClient> clients;
  private final Map<String, String> headers;
  private final UnaryOperator<IOException> translation;
  private final @Nullable OwnClients own;
  private volatile boolean closed;

  private HttpFiles(
      Function<URI, HttpClient> clients,
      Map<String, String> headers,
      UnaryOperator<IOException> translation,
      @Nullable OwnClients own) {
    this.clients = clients;
    this.headers = Map.copyOf(headers);
    this.translation = translation;
    this.own = own;
  }

  /**
   * With the user's client, which the user closes.
   *
   * @param headers of all requests to the server of a file
   * @param translation makes the exceptions that users see
   */
  public static HttpFiles of(
      HttpClient client, Map<String, String> headers, UnaryOperator<IOException> translation) {
    HttpFiles files = new HttpFiles(_ -> client, headers, translation, null);
    files.checkHeaders();
    return files;
  }

  /** With clients of its own. */
  public static HttpFiles create(UnaryOperator<IOException> translation) {
    OwnClients own = new OwnClients();
    return new HttpFiles(own::of, Map.of(), translation, own);
  }

  private void checkHeaders() {
    try {
      HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://localhost/"));
      headers.forEach(builder::setHeader);
    } catch (IllegalArgumentException _) { // its message contains the value
      throw new IllegalArgumentException(
          "a header is not valid, or is one that users cannot set: " + headers.keySet());
    }
  }

  /** The client for requests to {@code target}. */
  HttpClient client(URI target) {
    return clients.apply(target);
  }

  boolean isClosed() {
    return closed;
  }

  Duration idleTimeout() {
    return IDLE_TIMEOUT;
  }

  UnaryOperator<IOException> translation() {
    return translation;
  }

  /** The request for a range at {@code target}, to which that of the file may be redirected. */
  HttpRequest request(HttpAddress address, URI target, HttpRange range) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(target).GET();
    // These headers are for this server only.
    if (HttpAddress.isSameOrigin(address.target(), target)) {
      address.authorization().ifPresent(value -> builder.setHeader("Authorization", value));
      headers.forEach(builder::setHeader);
    }
    builder.timeout(IDLE_TIMEOUT); // until the headers have come
    builder.setHeader("Accept-Encoding", "identity");
    builder.setHeader("Range", range.header());
    range
        .version()
        .filter(HttpVersion::isStrong)
        .ifPresent(version -> builder.setHeader("If-Match", version));
    return builder.build();
  }

  /**
   * Reads the bytes from {@code position} on; their end if it is -1.
   *
   * @param result makes the result
   */
  public <T> CompletableFuture<T> read(
      HttpAddress address,
      long position,
      MemorySegment target,
      Optional<String> version,
      ReadResult<T> result) {
    HttpRange range = new HttpRange(position, target, version);
    HttpExchange exchange = new HttpExchange(this, address, range);
    return new Mapped<>(exchange, result).start();
  }

  /** Makes the result of a request. */
  @FunctionalInterface
  public interface ReadResult<T> {
    /**
     * The result of an answer.
     *
     * @param weak whether the bytes may differ although {@code version} is the same
     */
    T of(long position, long length, long fileSize, String version, boolean weak);
  }

  /** The result of an exchange, which is cancelled with it. */
  private static final class Mapped<T> extends CompletableFuture<T> {
    private final HttpExchange exchange;
    private final Function<HttpRange.Read, T> result;

    Mapped(HttpExchange exchange, ReadResult<T> result) {
      this.exchange = exchange;
      this.result =
          read ->
              result.of(
                  read.position(),
                  read.length(),
                  read.fileSize(),
                  read.version().text(),
                  read.version().weak());
    }

    Mapped<T> start() {
      CompletableFuture<?> _ =
          exchange.whenComplete((read, thrown) -> {
            if (thrown == null) {
              complete(result.apply(read));
            } else {
              completeExceptionally(thrown);
            }
          });
      CompletableFuture<?> _ = exchange.start();
      return this;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      exchange.cancel(mayInterrupt);
      return isCancelled();
    }
  }

  @Override
  public void close() {
    closed = true;
    if (own != null) {
      own.close();
    }
  }
}

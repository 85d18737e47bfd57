package io.disky.http;

import io.disky.threads.ExecutorThreads;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a store that was made without one, and their threads. A client for {@code https}
 * reads the certificates of the system, which takes a tenth of a second, so it is made when it is
 * needed. Thread-safe.
 */
final class OwnClients implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final ExecutorThreads threads = new ExecutorThreads("disky-http");
  private final ExecutorService executor = Executors.newCachedThreadPool(threads);
  private final HttpClient plain = builder().sslContext(new NoTls()).build();
  private @Nullable HttpClient secure;
  private boolean closed;

  private HttpClient.Builder builder() {
    return HttpClient.newBuilder()
        // Requests of HTTP/2 share a connection, and so the speed of one connection.
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(CONNECT_TIMEOUT)
        .executor(executor);
  }

  /**
   * The client for requests to {@code target}. After {@link #close} its requests fail.
   *
   * @throws java.io.UncheckedIOException if the certificates of the system cannot be read
   */
  HttpClient of(URI target) {
    return "http".equals(target.getScheme()) ? plain : secure();
  }

  private synchronized HttpClient secure() {
    if (secure == null) {
      if (closed) {
        return plain; // All its requests fail.
      }
      secure = builder().build();
    }
    return secure;
  }

  private synchronized @Nullable HttpClient end() {
    closed = true;
    return secure;
  }

  @Override
  public void close() {
    HttpClient made = end();
    plain.shutdownNow();
    if (made != null) {
      made.shutdownNow();
    }
    if (threads.areCurrent()) { // an action of the user after a request
      executor.shutdown();
      return;
    }
    plain.close();
    if (made != null) {
      made.close();
    }
    threads.end(executor);
  }
}

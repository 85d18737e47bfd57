package io.disky.remote;

import io.disky.http.HttpAddress;
import io.disky.http.HttpFailure;
import io.disky.http.HttpFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Files on servers of HTTP: addresses that begin with {@code http://} or {@code https://}. It reads
 * files; it cannot list or write them.
 *
 * <p><b>Servers.</b> A server must answer requests for ranges (status 206), state the size of the
 * file, and send a strong entity tag ({@code ETag}) or {@code Last-Modified}. From a server that
 * ignores ranges only files that fit into the first request, of up to 256 KiB, can be read. A file
 * that the server compresses is refused.
 *
 * <p><b>Versions.</b> The version of a file is its strong entity tag. If the server sends none, the
 * version is the time of the last change ({@code Last-Modified}), which has whole seconds. If the
 * last change is not earlier than the second of the answer ({@code Date}), the file can change
 * again at the same time: the version is {@linkplain RemoteRange#weak() weak}. If the server sends
 * no time, the version is the weak entity tag, or empty, and also weak. While a file with a weak
 * version is read, only a replacement that changes the version or the size is noticed; after
 * another one, records of both versions may be returned. The logger {@code io.disky} warns of such
 * a file, and a {@link RemoteCache} and saved indexes are not used for it. The version is sent as
 * {@code If-Match} only if it is a strong entity tag.
 *
 * <p><b>Secrets.</b> The user in an address, as in {@code https://user:password@server/}, is sent
 * as basic authentication. It and the query of an address, which may contain a signature, are never
 * in messages; nor are headers and the addresses to which a server redirects. Headers, that of the
 * user included, are not sent to another server (scheme, name or port) to which the server
 * redirects. A redirection from {@code https} to {@code http} is refused.
 *
 * <p>A store has connections and threads of its own until it is closed, unless it was made with the
 * user's client. Thread-safe.
 */
public final class HttpStore implements RemoteStore {
  private final HttpFiles files;

  private HttpStore(HttpFiles files) {
    this.files = files;
  }

  /** A store with a client of its own, which speaks HTTP/1.1 and uses the proxy of the system. */
  public HttpStore() {
    this(HttpFiles.create(HttpStore::exception));
  }

  /**
   * A store with a client of the user, for example with a proxy, an authenticator, certificates or
   * HTTP/2. Closing the store does not close the client. If the client follows redirections itself,
   * it decides which headers it sends then.
   *
   * @param headers headers of each request, by their names, such as {@code Authorization}
   * @throws IllegalArgumentException if a header is not valid; the message has its name only
   */
  public static HttpStore of(HttpClient client, Map<String, String> headers) {
    Objects.requireNonNull(client, "client");
    return new HttpStore(HttpFiles.of(client, headers, HttpStore::exception));
  }

  private static IOException exception(IOException failure) {
    if (!(failure instanceof HttpFailure http)) {
      return failure;
    }
    if (http.isChanged()) {
      return new RemoteFileChangedException(http.getMessage());
    }
    return new RemoteRequestException(
        http.getMessage(), http.isRepeatable(), http.delay(), http.getCause());
  }

  /** {@code http} and {@code https}. */
  @Override
  public Set<String> schemes() {
    return Set.of("http", "https");
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if {@code address} does not begin with {@code http://} or
   *     {@code https://} and the name of a server; the message does not contain the address
   */
  @Override
  public RemoteFile file(URI address) {
    return new File(files, HttpAddress.of(address));
  }

  /**
   * HTTP cannot list files.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public List<URI> list(URI prefix) {
    throw new UnsupportedOperationException(
        HttpAddress.of(prefix).name() + ": servers of HTTP do not list files; name each file");
  }

  /**
   * This store does not write files.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public RemoteUpload create(URI address, boolean replace) {
    throw new UnsupportedOperationException(
        HttpAddress.of(address).name()
            + ": files on servers of HTTP cannot be written; write a local file, or use the"
            + " interface of the object store");
  }

  /**
   * {@inheritDoc} Requests that are not complete fail, unless a client of the user makes them; that
   * client stays open.
   */
  @Override
  public void close() {
    files.close();
  }

  private record File(HttpFiles files, HttpAddress address) implements RemoteFile {
    @Override
    public String name() {
      return address.name();
    }

    @Override
    public String cacheKey() {
      return address.key();
    }

    @Override
    public CompletableFuture<RemoteRange> read(
        long position, MemorySegment target, Optional<String> version) {
      return files.read(address, position, target, version, RemoteRange::new);
    }

    @Override
    public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
      return files.read(address, -1, target, Optional.empty(), RemoteRange::new);
    }

    @Override
    public String toString() {
      return address.name();
    }
  }
}

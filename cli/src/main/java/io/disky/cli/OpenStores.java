package io.disky.cli;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteStores;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;

/**
 * The stores of the remote files that a command uses, one for each scheme. A store is opened when
 * its first file is used. Thread-safe.
 */
final class OpenStores implements AutoCloseable {
  private final Map<String, RemoteStore> stores = new HashMap<>();

  /** The store of {@code file}, which must have an address. */
  synchronized RemoteStore of(FileArgument file) throws IOException {
    URI address = address(file);
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    RemoteStore open = stores.get(scheme);
    if (open == null) {
      try {
        open = RemoteStores.find(address);
      } catch (IllegalArgumentException | IllegalStateException e) {
        throw new RefusedAddressException(file.name(), remedy(scheme, e), e);
      }
      stores.put(scheme, open);
    }
    return open;
  }

  private static URI address(FileArgument file) {
    return Objects.requireNonNull(file.address(), "address");
  }

  private static String remedy(String scheme, RuntimeException e) {
    boolean module = scheme.equals("s3") || scheme.equals("gs");
    return module && e instanceof IllegalArgumentException
        ? "this installation has no store for "
            + scheme
            + "://; put io.disky:disky-"
            + (scheme.equals("gs") ? "gcs" : "s3")
            + " and its dependencies on DISKY_CLASSPATH, or into the directory lib/stores"
        : String.valueOf(e.getMessage());
  }

  /** The remote file that {@code file} names. */
  RemoteFile file(FileArgument file) throws IOException {
    try {
      return of(file).file(address(file));
    } catch (IllegalArgumentException e) {
      throw new RefusedAddressException(file.name(), String.valueOf(e.getMessage()), e);
    }
  }

  /** The addresses of the files whose addresses begin with {@code prefix}. */
  List<URI> list(FileArgument file, URI prefix) throws IOException {
    try {
      return of(file).list(prefix);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw new RefusedAddressException(file.name(), String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The size of {@code file} in bytes, which takes a request. Returns {@link Progress#UNKNOWN}
   * without a request if no progress is shown, and if the request fails: reading the file will
   * throw the exception that says why.
   */
  static long size(RemoteFile file) {
    if (!Progress.isTerminal()) {
      return Progress.UNKNOWN;
    }
    try (Arena arena = Arena.ofShared()) {
      RemoteRange end = file.readEnd(arena.allocate(1)).join();
      return end.fileSize();
    } catch (CompletionException e) {
      return Progress.UNKNOWN;
    }
  }

  @Override
  public synchronized void close() {
    if (!stores.isEmpty()) { // a lambda or an iterator would take time in a new JVM
      stores.values().forEach(RemoteStore::close);
      stores.clear();
    }
  }
}

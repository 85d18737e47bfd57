package io.disky.remote;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds stores by the scheme of an address. */
public final class RemoteStores {
  private RemoteStores() {}

  /**
   * Whether {@code text} is an address of a remote file rather than a path: it begins with a scheme
   * of two or more letters or digits, and {@code ://}. The store need not be there.
   */
  public static boolean isAddress(String text) {
    return text.matches("[A-Za-z][A-Za-z0-9+.-]+://.*") && !text.startsWith("file:");
  }

  /**
   * Opens the store for an address: {@link HttpStore} for {@code http} and {@code https}, and
   * otherwise a store of another module: a {@linkplain ServiceLoader service} that the class loader
   * of the current thread finds, or that of this library. The artifact {@code io.disky:disky-s3}
   * has the store for {@code s3}, and {@code io.disky:disky-gcs} that for {@code gs}.
   *
   * @return a new store, which the caller closes
   * @throws IllegalArgumentException if there is no store for the scheme; the message names the
   *     artifact to add, if it is known
   * @throws IllegalStateException if a store that is installed cannot be made
   */
  public static RemoteStore find(URI address) {
    String scheme = Objects.requireNonNullElse(address.getScheme(), "").toLowerCase(Locale.ROOT);
    if (scheme.equals("http") || scheme.equals("https")) {
      return new HttpStore();
    }
    RemoteStore store = find(scheme, Thread.currentThread().getContextClassLoader());
    if (store == null) {
      store = find(scheme, RemoteStores.class.getClassLoader());
    }
    if (store == null) {
      throw new IllegalArgumentException(missing(scheme));
    }
    return store;
  }

  private static @Nullable RemoteStore find(String scheme, @Nullable ClassLoader loader) {
    try {
      for (RemoteStore store : ServiceLoader.load(RemoteStore.class, loader)) {
        if (store.schemes().contains(scheme)) {
          return store;
        }
        store.close();
      }
      return null;
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(
          "a store of remote files is installed, but cannot be made: " + e.getMessage(), e);
    }
  }

  private static String missing(String scheme) {
    return switch (scheme) {
      case "" -> "the address has no scheme, such as https:// or s3://";
      case "s3" -> add(scheme, "io.disky:disky-s3");
      case "gs" -> add(scheme, "io.disky:disky-gcs");
      default -> "there is no store for addresses that begin with " + scheme + "://";
    };
  }

  private static String add(String scheme, String artifact) {
    return "there is no store for addresses that begin with "
        + scheme
        + "://: add the artifact "
        + artifact
        + " to the class path or module path";
  }
}

package io.disky.objects;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * The address of an object: {@code s3://bucket/key}, for example. The key is the part after the
 * bucket, decoded.
 *
 * @param uri as the user knows it
 */
public record ObjectAddress(StoreNames names, URI uri, String bucket, String key) {
  /**
   * Parses an address.
   *
   * @throws IllegalArgumentException if it does not name an object of this store
   */
  public static ObjectAddress of(StoreNames names, URI address) {
    ObjectAddress parsed = prefix(names, address);
    if (parsed.key.isEmpty()) {
      throw new IllegalArgumentException(address + ": names no object; " + names.form() + " does");
    }
    return parsed;
  }

  /**
   * Parses an address whose key may be empty or incomplete.
   *
   * @throws IllegalArgumentException if it is not an address of this store
   */
  public static ObjectAddress prefix(StoreNames names, URI address) {
    String bucket = address.getAuthority();
    if (!names.scheme().equalsIgnoreCase(address.getScheme()) || bucket == null) {
      throw new IllegalArgumentException(
          "not an address of "
              + names.store()
              + ", as "
              + names.form()
              + " is"
              + (isShown(address) ? ": " + address : ""));
    }
    if (bucket.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "an address of "
              + names.store()
              + " must not contain credentials; they come from the environment, from a file of"
              + " settings, or from the client");
    }
    if (!isShown(address)) {
      throw new IllegalArgumentException(
          names.scheme()
              + "://"
              + bucket
              + address.getRawPath()
              + ": an address of "
              + names.store()
              + " has no part after ? or #; in a key write %3F or %23");
    }
    String path = address.getPath();
    return new ObjectAddress(
        names, address, bucket, path.startsWith("/") ? path.substring(1) : path);
  }

  /** Whether no part of an address is one that can be secret: a user, or a signature in a query. */
  private static boolean isShown(URI address) {
    return !address.isOpaque()
        && (address.getRawAuthority() == null || address.getRawAuthority().indexOf('@') < 0)
        && address.getRawQuery() == null
        && address.getRawFragment() == null;
  }

  /** The address of another object in the same bucket. */
  public URI sibling(String otherKey) {
    try {
      URI sibling = new URI(names.scheme(), bucket, "/" + otherKey, null, null);
      return URI.create(sibling.toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          names.scheme() + "://" + bucket + ": a key is not a URI", e);
    }
  }

  /** The address as messages show it. */
  public String name() {
    return uri.toString();
  }
}

package io.disky.s3;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * The address of an object: {@code s3://bucket/key}.
 *
 * @param uri as the user knows it
 */
record ObjectAddress(URI uri, String bucket, String key) {
  /** The part of an address before the bucket. */
  static final String SCHEME = "s3";

  /**
   * Parses an address.
   *
   * @throws IllegalArgumentException if it does not name an object
   */
  static ObjectAddress of(URI address) {
    ObjectAddress parsed = prefix(address);
    if (parsed.key.isEmpty()) {
      throw new IllegalArgumentException(address + ": names no object; s3://bucket/key does");
    }
    return parsed;
  }

  /** Parses an address whose key may be empty or incomplete. */
  static ObjectAddress prefix(URI address) {
    String bucket = address.getAuthority();
    if (!SCHEME.equalsIgnoreCase(address.getScheme()) || bucket == null) {
      throw new IllegalArgumentException(
          "not an address of S3, as s3://bucket/key is: " + withoutUser(address));
    }
    if (bucket.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "an address of S3 must not contain credentials; they come from the environment, from a"
              + " profile, or from the client");
    }
    if (address.getRawQuery() != null || address.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "s3://"
              + bucket
              + address.getRawPath()
              + ": an address of S3 has no part after ? or #; in a key write %3F or %23");
    }
    String path = address.getPath();
    return new ObjectAddress(address, bucket, path.startsWith("/") ? path.substring(1) : path);
  }

  private static String withoutUser(URI address) {
    String authority = address.getRawAuthority();
    return authority != null && authority.indexOf('@') >= 0
        ? address.getScheme() + "://..."
        : address.toString();
  }

  /** The address of another object in the same bucket. */
  URI sibling(String otherKey) {
    try {
      URI sibling = new URI(SCHEME, bucket, "/" + otherKey, null, null);
      return URI.create(sibling.toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("s3://" + bucket + ": a key is not a URI", e);
    }
  }

  /** The address as messages show it. */
  String name() {
    return uri.toString();
  }
}

package io.disky.objects;

/**
 * How messages name a store.
 *
 * @param scheme the part of an address before the bucket, in lower case: {@code s3}, for example
 * @param store the store: {@code S3}, for example
 */
public record StoreNames(String scheme, String store) {
  /** The form of an address. */
  String form() {
    return scheme + "://bucket/key";
  }
}

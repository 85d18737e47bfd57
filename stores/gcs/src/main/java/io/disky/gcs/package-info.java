/**
 * Record files in Google Cloud Storage. {@link io.disky.gcs.GcsStore} is the store. The client is
 * Google's library for the JSON interface of the storage; credentials are the matter of Google's
 * authentication library.
 */
@org.jspecify.annotations.NullMarked
package io.disky.gcs;

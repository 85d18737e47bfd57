/**
 * Writes files by requests that send their parts: several at a time, and again if they fail. Not
 * exported: {@code io.disky.remote} has the public types.
 */
@org.jspecify.annotations.NullMarked
package io.disky.uploading;

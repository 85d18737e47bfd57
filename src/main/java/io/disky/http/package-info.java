/**
 * Reads ranges of files from servers of HTTP. Not exported: {@code io.disky.remote.HttpStore} is
 * the face.
 */
@org.jspecify.annotations.NullMarked
package io.disky.http;

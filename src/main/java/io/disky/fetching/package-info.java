/**
 * Reads files by requests that take their time: ahead, several at a time, and again if they fail.
 * Not exported: {@code io.disky.remote} has the public types.
 */
@org.jspecify.annotations.NullMarked
package io.disky.fetching;

/**
 * Decides when requests that have failed are made again. Not exported: {@code io.disky.remote} has
 * the public options.
 */
@org.jspecify.annotations.NullMarked
package io.disky.retrying;

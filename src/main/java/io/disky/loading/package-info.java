/** Loads records in a given order, with threads, in a bounded amount of memory. */
@org.jspecify.annotations.NullMarked
package io.disky.loading;

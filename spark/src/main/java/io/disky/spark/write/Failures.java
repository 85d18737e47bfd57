package io.disky.spark.write;

import org.jspecify.annotations.Nullable;

/** Failures of several steps, all of which are tried. */
final class Failures {
  private Failures() {}

  /** Adds {@code next} to the failures of earlier steps; the first failure is the one to throw. */
  static <E extends Exception> E add(@Nullable E first, E next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}

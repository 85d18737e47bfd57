package io.disky.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** A kind of exception that an operation may throw, because its documentation says so. */
enum Allowed {
  IO(IOException.class),
  UNCHECKED_IO(UncheckedIOException.class),
  STATE(IllegalStateException.class),
  ARGUMENT(IllegalArgumentException.class),
  INDEX(IndexOutOfBoundsException.class),
  NO_ELEMENT(NoSuchElementException.class),
  UNSUPPORTED(UnsupportedOperationException.class),
  EXECUTION(ExecutionException.class);

  /** The exceptions that any operation may throw on a closed or busy object. */
  static final Set<Allowed> STATES = EnumSet.of(STATE);

  static final Set<Allowed> READING = EnumSet.of(STATE, IO);
  static final Set<Allowed> ITERATION = EnumSet.of(STATE, UNCHECKED_IO, NO_ELEMENT);
  static final Set<Allowed> GOING_BACK = EnumSet.of(STATE, IO, UNSUPPORTED);
  static final Set<Allowed> SEEKING = EnumSet.of(STATE, IO, UNSUPPORTED, ARGUMENT);
  static final Set<Allowed> ARGUMENTS = EnumSet.of(STATE, ARGUMENT);
  static final Set<Allowed> INDICES = EnumSet.of(STATE, INDEX);
  static final Set<Allowed> READING_INDICES = EnumSet.of(STATE, IO, INDEX);
  static final Set<Allowed> OPENING = EnumSet.of(STATE, IO, ARGUMENT);

  private final Class<? extends Exception> type;

  Allowed(Class<? extends Exception> type) {
    this.type = type;
  }

  /** Returns whether {@code thrown} is of one of these kinds. */
  static boolean isIn(Set<Allowed> kinds, Throwable thrown) {
    for (Allowed kind : kinds) {
      if (kind.type.isInstance(thrown)) {
        return true;
      }
    }
    return false;
  }
}

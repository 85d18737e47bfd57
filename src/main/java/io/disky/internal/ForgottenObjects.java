package io.disky.internal;

import java.lang.ref.Cleaner;

/** Ends what hangs on objects that were forgotten: on one thread for all of them. */
public final class ForgottenObjects {
  private static final Cleaner CLEANER = Cleaner.create();

  private ForgottenObjects() {}

  /**
   * Runs {@code end} once: when the result is {@linkplain Cleaner.Cleanable#clean() asked to}, or
   * when the garbage collector has found {@code owner} unreachable.
   *
   * @param end must not reach the owner, nor wait for long
   */
  public static Cleaner.Cleanable register(Object owner, Runnable end) {
    return CLEANER.register(owner, end);
  }
}

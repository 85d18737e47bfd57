package io.disky.threads;

import org.jspecify.annotations.Nullable;

/**
 * Closes several objects one after the other, even if closing an earlier one fails. One thread may
 * use it.
 */
public final class Closing {
  private @Nullable Throwable first;

  /** Runs the next step. An exception of the step is kept. */
  public void step(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      // The user's code can throw checked exceptions that are not declared.
      if (first == null) {
        first = e;
      } else {
        suppress(first, e);
      }
    }
  }

  /**
   * Adds {@code later} to {@code first} as a suppressed exception, unless both are the same object:
   * an exception cannot suppress itself.
   */
  @SuppressWarnings("ReferenceEquality") // Throwable compares identities, too.
  public static void suppress(Throwable first, Throwable later) {
    if (later != first) {
      first.addSuppressed(later);
    }
  }

  /**
   * Throws the exception of the first step that failed, with the exceptions of later steps
   * suppressed.
   */
  public void end() {
    if (first != null) {
      throw Closing.<RuntimeException>unchecked(first);
    }
  }

  /** Throws {@code thrown}, even if it is a checked exception. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable thrown) throws X {
    throw (X) thrown;
  }
}

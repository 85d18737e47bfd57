package io.disky.threads;

import org.jspecify.annotations.Nullable;

/**
 * Closes one thing after the other, whatever the closing of those before came to. For one thread.
 */
public final class Closing {
  private @Nullable Throwable first;

  /** Takes the next step. What it throws is kept. */
  public void step(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      // Code of users can throw what is checked and not declared.
      if (first == null) {
        first = e;
      } else {
        suppress(first, e);
      }
    }
  }

  /** Adds what failed later, unless it is the same once more, which must not be added to itself. */
  @SuppressWarnings("ReferenceEquality") // So does Throwable.
  public static void suppress(Throwable first, Throwable later) {
    if (later != first) {
      first.addSuppressed(later);
    }
  }

  /** Throws what the first step that failed threw, with what the others did. */
  public void end() {
    if (first != null) {
      throw Closing.<RuntimeException>unchecked(first);
    }
  }

  /** Throws {@code thrown}, whatever it is. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable thrown) throws X {
    throw (X) thrown;
  }
}

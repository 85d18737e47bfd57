package io.disky;

import org.jspecify.annotations.Nullable;

/**
 * Closes one thing after the other, whatever the closing of those before came to. For one thread.
 */
final class Closing {
  private @Nullable Throwable first;

  /** Takes the next step. What it throws is kept. */
  void step(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      if (first == null) {
        first = e;
      } else {
        suppress(first, e);
      }
    }
  }

  /** Adds what failed later, unless it is the same once more, which must not be added to itself. */
  @SuppressWarnings("ReferenceEquality") // So does Throwable.
  static void suppress(Throwable first, Throwable later) {
    if (later != first) {
      first.addSuppressed(later);
    }
  }

  /** Throws what the first step that failed threw, with what the others did. */
  void end() {
    switch (first) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> {}
    }
  }
}

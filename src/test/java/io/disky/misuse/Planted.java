package io.disky.misuse;

import java.io.IOException;

/** What code of the user throws on purpose: whoever gets it knows that it is none of ours. */
interface Planted {
  /** Unchecked. */
  final class Unchecked extends RuntimeException implements Planted {
    private static final long serialVersionUID = 1;

    Unchecked() {
      super("planted");
    }
  }

  /** Checked, and thrown where nobody may. */
  final class Checked extends Exception implements Planted {
    private static final long serialVersionUID = 1;

    Checked() {
      super("planted");
    }
  }

  /** As files and streams throw it. */
  final class Io extends IOException implements Planted {
    private static final long serialVersionUID = 1;

    Io() {
      super("planted");
    }
  }

  /** An error that nobody knows. */
  final class Fatal extends Error implements Planted {
    private static final long serialVersionUID = 1;

    Fatal() {
      super("planted");
    }
  }

  /** As an assertion of the user's that does not hold. */
  final class Assertion extends AssertionError implements Planted {
    private static final long serialVersionUID = 1;

    Assertion() {
      super("planted");
    }
  }

  /** As code that does not like its arguments. */
  final class Argument extends IllegalArgumentException implements Planted {
    private static final long serialVersionUID = 1;

    Argument() {
      super("planted");
    }
  }

  /** As if there were no memory left. */
  final class Memory extends OutOfMemoryError implements Planted {
    private static final long serialVersionUID = 1;

    Memory() {
      super("planted");
    }
  }

  /** Whether {@code thrown} is one of these, or is said to come from one. */
  static boolean isIn(Throwable thrown) {
    int depth = 0;
    for (Throwable at = thrown; at != null && depth < 20; at = at.getCause()) {
      if (at instanceof Planted) {
        return true;
      }
      depth++;
    }
    return false;
  }

  /** Throws {@code thrown} as if it were unchecked. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <X extends Throwable> RuntimeException sneak(Throwable thrown) throws X {
    throw (X) thrown;
  }
}

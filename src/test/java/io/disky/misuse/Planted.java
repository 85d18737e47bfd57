package io.disky.misuse;

import java.io.IOException;

/**
 * An exception that user code throws on purpose. The marker shows that the library did not create
 * it.
 */
interface Planted {
  /** An unchecked exception. */
  final class Unchecked extends RuntimeException implements Planted {
    private static final long serialVersionUID = 1;

    Unchecked() {
      super("planted");
    }
  }

  /** A checked exception that is thrown by methods that do not declare it. */
  final class Checked extends Exception implements Planted {
    private static final long serialVersionUID = 1;

    Checked() {
      super("planted");
    }
  }

  /** An exception as files and streams throw it. */
  final class Io extends IOException implements Planted {
    private static final long serialVersionUID = 1;

    Io() {
      super("planted");
    }
  }

  /** An error of an unknown class. */
  final class Fatal extends Error implements Planted {
    private static final long serialVersionUID = 1;

    Fatal() {
      super("planted");
    }
  }

  /** A failed assertion of user code. */
  final class Assertion extends AssertionError implements Planted {
    private static final long serialVersionUID = 1;

    Assertion() {
      super("planted");
    }
  }

  /** An exception about invalid arguments. */
  final class Argument extends IllegalArgumentException implements Planted {
    private static final long serialVersionUID = 1;

    Argument() {
      super("planted");
    }
  }

  /** An error as if memory were exhausted. */
  final class Memory extends OutOfMemoryError implements Planted {
    private static final long serialVersionUID = 1;

    Memory() {
      super("planted");
    }
  }

  /** Returns whether {@code thrown} or one of its causes is one of these. */
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

  /** Throws {@code thrown}, also if it is a checked exception. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <X extends Throwable> RuntimeException sneak(Throwable thrown) throws X {
    throw (X) thrown;
  }
}

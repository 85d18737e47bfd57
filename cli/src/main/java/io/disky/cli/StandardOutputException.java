package io.disky.cli;

import java.io.IOException;

/** Standard output cannot be written. */
final class StandardOutputException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean pipe;

  /**
   * A failure.
   *
   * @param pipe whether standard output is a pipe: writing to one fails only when nobody reads it
   */
  StandardOutputException(IOException cause, boolean pipe) {
    super("standard output: " + cause.getMessage(), cause);
    this.pipe = pipe;
  }

  /** Says whether the other side does not want any more, which is no failure. */
  boolean isBrokenPipe() {
    return pipe || String.valueOf(getMessage()).contains("Broken pipe");
  }
}

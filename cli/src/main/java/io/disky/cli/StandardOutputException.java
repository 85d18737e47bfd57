package io.disky.cli;

import java.io.IOException;

/** Writing to standard output failed. */
final class StandardOutputException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean pipe;

  /**
   * Describes a failure.
   *
   * @param pipe whether standard output is a pipe; writing to a pipe fails only if no process reads
   *     it
   */
  StandardOutputException(IOException cause, boolean pipe) {
    super("standard output: " + cause.getMessage(), cause);
    this.pipe = pipe;
  }

  /** Returns whether the reader of the pipe has ended, which is not a failure of the command. */
  boolean isBrokenPipe() {
    return pipe || String.valueOf(getMessage()).contains("Broken pipe");
  }
}

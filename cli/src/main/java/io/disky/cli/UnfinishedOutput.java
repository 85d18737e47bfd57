package io.disky.cli;

import java.io.IOException;

/** An output that a command has begun and not finished. */
@FunctionalInterface
interface UnfinishedOutput {
  /**
   * Removes the output.
   *
   * @return a message for the user about the outcome; empty if there is nothing to say
   */
  String remove() throws IOException;
}

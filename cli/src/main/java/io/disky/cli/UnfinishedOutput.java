package io.disky.cli;

import java.io.IOException;

/** What a command has begun to write and not finished. */
@FunctionalInterface
interface UnfinishedOutput {
  /**
   * Removes what was begun.
   *
   * @return what has become of the output, for the user; empty if nothing has to be said
   */
  String remove() throws IOException;
}

package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A work that is measured repeatedly. */
@FunctionalInterface
interface Work {
  /** Prepares a run. Not measured. */
  default void prepare() throws IOException {}

  /**
   * Runs once. The result depends on all of the work, so that a compiler cannot remove any of it.
   */
  long run() throws IOException;

  /**
   * Wraps {@code work}, which writes the file {@code output}, and removes the file before each run.
   */
  static Work writing(Path output, Work work) {
    return new Work() {
      @Override
      public void prepare() throws IOException {
        Files.deleteIfExists(output);
      }

      @Override
      public long run() throws IOException {
        return work.run();
      }
    };
  }
}

package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Something that is measured again and again. */
@FunctionalInterface
interface Work {
  /** What precedes a run and is not measured. */
  default void prepare() throws IOException {}

  /** Does it once; the number depends on all that was done, so that none of it can be left out. */
  long run() throws IOException;

  /** {@code work}, which writes the file {@code output}: it is removed before each run. */
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

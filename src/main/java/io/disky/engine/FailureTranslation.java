package io.disky.engine;

import java.io.IOException;

/** Makes the exception that users get for a failure of the engine. */
@FunctionalInterface
public interface FailureTranslation {
  /**
   * The exception for {@code failure}.
   *
   * @param recordsRead how many records the reader has returned before; 0 for a writer
   * @throws OutOfMemoryError if native memory is exhausted
   * @throws IllegalArgumentException if an argument is outside its range
   * @throws IllegalStateException if another thread uses the object, or the library has a defect
   */
  IOException exception(EngineException failure, long recordsRead);
}

package io.disky.engine;

import java.io.IOException;

/** Turns failures of the native library into the exceptions that the API throws. */
@FunctionalInterface
public interface FailureTranslation {
  /**
   * The exception for {@code failure}.
   *
   * @param recordsRead how many records were delivered before the failure
   * @param fromBeginning whether these are all records before the failure: they were read in order,
   *     from the beginning of the file on
   * @throws OutOfMemoryError if native memory is exhausted
   * @throws IllegalArgumentException if an argument was outside its range
   * @throws IllegalStateException if the object was in use by another thread, or the library is
   *     defective
   */
  IOException exception(EngineException failure, long recordsRead, boolean fromBeginning);
}

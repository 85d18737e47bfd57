package io.disky.writing;

import io.disky.engine.EngineException;
import io.disky.engine.FailureTranslation;
import io.disky.files.FileFailures;
import io.disky.files.Origin;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The first failure of a writer. It is final: bytes may be missing in the file, so nothing may be
 * written after them. One thread at a time may use it.
 */
final class WriterFailure {
  private final Origin origin;
  private final FailureTranslation translation;
  private @Nullable IOException first;

  WriterFailure(Origin origin, FailureTranslation translation) {
    this.origin = origin;
    this.translation = translation;
  }

  /** Keeps {@code failure}; returns the exception to throw. */
  IOException keep(EngineException failure) {
    first = translate(failure);
    return first;
  }

  /** The exception for a failure that changes nothing, so that the writer can go on. */
  IOException translate(EngineException failure) {
    return translation.exception(failure, 0, false);
  }

  /** Throws the first failure again, with the stack trace of the current call. */
  void check() throws IOException {
    if (first != null) {
      throw FileFailures.repeat(first, origin);
    }
  }

  /** Keeps and throws the failure of a thread that encodes, if there is one. */
  void check(@Nullable Throwable problem) throws IOException {
    check();
    if (problem instanceof EngineException e) {
      throw keep(e);
    }
    if (problem != null) {
      first = new IOException(origin + ": a chunk could not be written", problem);
      throw first;
    }
  }
}

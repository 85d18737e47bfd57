package io.disky.cli;

import java.io.IOException;
import java.util.concurrent.ExecutionException;

/** The failure of a task on another thread, for the thread that waits for its result. */
final class TaskFailure {
  private TaskFailure() {}

  /** The exception to throw. Throws the failure itself if it is an unchecked exception or error. */
  static IOException of(ExecutionException failure) {
    return switch (failure.getCause()) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> new IOException(failure);
    };
  }
}

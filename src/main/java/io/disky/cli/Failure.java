package io.disky.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine.ExitCode;

/** Says what went wrong. */
final class Failure {
  private Failure() {}

  /**
   * Reports what ended a command.
   *
   * @return the exit status
   */
  static int report(Throwable failure, StandardStreams streams) {
    Throwable cause = failure instanceof UncheckedIOException e ? e.getCause() : failure;
    if (cause instanceof StandardOutputException e && e.isBrokenPipe()) {
      return ExitCode.OK;
    }
    print(message(cause), streams.err());
    if (isDefect(cause)) {
      cause.printStackTrace(streams.err());
    }
    return ExitCode.SOFTWARE;
  }

  /** Prints a message of this program. */
  static void print(String message, PrintStream err) {
    err.println("disky: " + message);
  }

  /** What {@code failure} means to the user. */
  static String message(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return "not enough memory: " + failure.getMessage();
    }
    if (isDefect(failure)) {
      return "this is a defect of disky: " + failure;
    }
    String message = failure.getMessage();
    if (message == null) {
      return failure.toString();
    }
    return failure instanceof FileSystemException e && e.getReason() == null
        ? message + ": " + reason(e)
        : message;
  }

  /** What the JDK leaves to the name of the exception. */
  private static String reason(FileSystemException failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    return failure instanceof AccessDeniedException
        ? "permission denied"
        : failure.getClass().getSimpleName();
  }

  private static boolean isDefect(Throwable failure) {
    return !(failure instanceof IOException
        || failure instanceof LinkageError
        || failure instanceof OutOfMemoryError
        || failure instanceof IllegalCallerException);
  }
}

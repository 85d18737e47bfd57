package io.disky.cli;

import io.disky.ChunkTooLargeException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
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
      return "not enough memory: " + failure.getMessage() + memoryRemedy(failure);
    }
    if (isDefect(failure)) {
      return "this is a defect of disky: " + failure;
    }
    if (failure instanceof InvalidPathException e) {
      return DecodedNames.message("the name '" + e.getInput() + "'");
    }
    String message = failure.getMessage();
    if (message == null) {
      return failure.toString();
    }
    if (failure instanceof ChunkTooLargeException) {
      return message + " (--max-chunk-size)";
    }
    return failure instanceof FileSystemException e && e.getReason() == null
        ? message + ": " + reason(e)
        : message;
  }

  /** How to have more of the memory that records are in, if that was it. */
  private static String memoryRemedy(Throwable failure) {
    return String.valueOf(failure.getMessage()).contains("direct buffer memory")
        ? "; JAVA_TOOL_OPTIONS=-XX:MaxDirectMemorySize=SIZE allows more"
        : "";
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
        || failure instanceof InvalidPathException
        || failure instanceof LinkageError
        || failure instanceof OutOfMemoryError
        || failure instanceof IllegalCallerException);
  }
}

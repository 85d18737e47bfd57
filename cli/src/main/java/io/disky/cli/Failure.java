package io.disky.cli;

import static java.util.stream.Collectors.joining;

import io.disky.ChunkTooLargeException;
import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine.ExitCode;

/** Reports failures to the user. */
final class Failure {
  private Failure() {}

  /**
   * Reports the failure that ended a command.
   *
   * @return the exit status
   */
  static int report(Throwable failure, StandardStreams streams) {
    Throwable cause =
        failure instanceof UncheckedIOException e ? Objects.requireNonNull(e.getCause()) : failure;
    if (cause instanceof StandardOutputException e && e.isBrokenPipe()) {
      return ExitCode.OK;
    }
    print(message(cause), streams.err());
    if (isDefect(cause)) {
      StringWriter trace = new StringWriter();
      cause.printStackTrace(new PrintWriter(trace));
      trace
          .toString()
          .lines()
          .map(line -> QuotedText.message(line.replace("\t", "    ")))
          .forEach(streams.err()::println);
    }
    return cause instanceof RefusedAddressException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  /**
   * Prints {@code message} with the name of this program before it. Names of temporary files are
   * replaced.
   */
  static void print(String message, PrintStream err) {
    err.println(
        TemporaryFile.named(message)
            .lines()
            .map(QuotedText::message)
            .collect(joining("\n", "disky: ", "")));
  }

  /** The message for the user about {@code failure}. */
  static String message(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      String message = TemporaryFile.named(String.valueOf(failure.getMessage()));
      return "not enough memory: " + message + memoryRemedy(failure);
    }
    if (isDefect(failure)) {
      return "this is a defect of disky: " + failure;
    }
    if (failure instanceof InvalidPathException e) {
      return DecodedNames.message("the name " + QuotedText.name(e.getInput()));
    }
    if (failure instanceof FileSystemException e) {
      String message = FileFailures.message(e);
      return TemporaryFile.named(e.getReason() == null ? message + ": " + reason(e) : message);
    }
    if (failure.getMessage() == null) {
      return failure.toString();
    }
    String message = TemporaryFile.named(failure.getMessage());
    return failure instanceof ChunkTooLargeException ? message + " (--max-chunk-size)" : message;
  }

  /** How to allow more direct memory, which contains the records, if that was exhausted. */
  private static String memoryRemedy(Throwable failure) {
    return String.valueOf(failure.getMessage()).contains("direct buffer memory")
        ? "; JAVA_TOOL_OPTIONS=-XX:MaxDirectMemorySize=SIZE allows more"
        : "";
  }

  /** The reason in words, if the JDK expresses it only by the class of the exception. */
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

package io.disky.cli;

import io.disky.internal.QuotedText;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * Files that are examined several at a time, by threads that end when this is closed, and reported
 * one after the other by the thread that this belongs to.
 */
final class ParallelFiles<T> implements AutoCloseable {
  private final StandardStreams streams;
  private final RecordFiles.Examination<T> examination;
  private final @Nullable ExecutorService executor;

  /**
   * No files so far.
   *
   * @param threads how many examine them; 0 if that is to be done in turn
   */
  ParallelFiles(int threads, StandardStreams streams, RecordFiles.Examination<T> examination) {
    this.streams = streams;
    this.examination = examination;
    this.executor =
        threads == 0
            ? null
            : Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("disky-file-", 1).factory());
  }

  /** What is to be done when a file has its turn. */
  @FunctionalInterface
  interface Turn {
    /**
     * Reports on the file.
     *
     * @return the exit status
     * @throws StandardOutputException if the output fails
     */
    int take() throws StandardOutputException;
  }

  /** Begins to examine {@code file}; standard input, of which there is one, only in its turn. */
  Turn begin(FileArgument file, RecordFiles.Report<T> report) {
    FutureTask<T> task = new FutureTask<>(() -> examine(file));
    if (executor == null || file.isStandard()) {
      return () -> {
        task.run();
        return report(file, task, report);
      };
    }
    executor.execute(task);
    return () -> report(file, task, report);
  }

  private T examine(FileArgument argument) throws IOException {
    Examined<T> examined = new Examined<>();
    RecordFile.use(argument, streams, file -> examined.result = examination.examine(file));
    return examined.result();
  }

  private int report(FileArgument file, FutureTask<T> task, RecordFiles.Report<T> report)
      throws StandardOutputException {
    try {
      report.accept(file.name(), result(file, task));
      return ExitCode.OK;
    } catch (StandardOutputException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      return Failure.report(e, streams);
    }
  }

  /** Waits for what was found out. */
  private static <T> T result(FileArgument file, FutureTask<T> task) throws IOException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException(
              QuotedText.name(file.name()) + ": interrupted while it was examined");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private static IOException failure(ExecutionException failure) {
    return switch (failure.getCause()) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> new IOException(failure);
    };
  }

  /** Begins with no other file, and waits for those that are being examined. */
  @Override
  public void close() {
    if (executor != null) {
      executor.shutdownNow();
      executor.close();
    }
  }

  /** What was found out about a file. */
  private static final class Examined<T> {
    private @Nullable T result;

    private T result() {
      if (result == null) {
        throw new IllegalStateException("nothing was found out");
      }
      return result;
    }
  }
}

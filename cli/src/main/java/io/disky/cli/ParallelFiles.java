package io.disky.cli;

import io.disky.files.QuotedText;
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
 * Examines several files at the same time with threads that end when this object is closed. The
 * calling thread reports the results one after the other.
 */
final class ParallelFiles<T> implements AutoCloseable {
  private final StandardStreams streams;
  private final RecordFiles.Examination<T> examination;
  private final FilesProgress progress;
  private final @Nullable ExecutorService executor;

  /**
   * Begins without files.
   *
   * @param threads number of threads that examine files; with 0 the calling thread examines each
   *     file before it reports on it
   */
  ParallelFiles(
      int threads,
      StandardStreams streams,
      RecordFiles.Examination<T> examination,
      FilesProgress progress) {
    this.streams = streams;
    this.examination = examination;
    this.progress = progress;
    this.executor =
        threads == 0
            ? null
            : Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("disky-file-", 1).factory());
  }

  /** The report on one file, made when all files before it have been reported. */
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

  /**
   * Begins to examine {@code file}. Standard input is examined only after all earlier files were
   * reported.
   *
   * @param size the size of the file in bytes; {@link Progress#UNKNOWN} if nobody needs it
   */
  Turn begin(FileArgument file, long size, RecordFiles.Report<T> report) {
    if (executor == null || file.isStandard()) {
      return () -> report(file, () -> examine(file, size), report);
    }
    FutureTask<T> task = new FutureTask<>(() -> examine(file, size));
    executor.execute(task);
    return () -> report(file, () -> result(file, task), report);
  }

  /** Returns the result for a file; waits for it if another thread examines the file. */
  @FunctionalInterface
  private interface Result<T> {
    T get() throws IOException;
  }

  private T examine(FileArgument argument, long size) throws IOException {
    Examined<T> examined = new Examined<>();
    FilesProgress.Part part = progress.part();
    try {
      RecordFile.use(argument, streams, file -> examined.result = examination.examine(file, part));
      return examined.result();
    } finally {
      if (size != Progress.UNKNOWN) {
        part.at(size); // a file that fails is done, too
      }
    }
  }

  private int report(FileArgument file, Result<T> result, RecordFiles.Report<T> report)
      throws StandardOutputException {
    try {
      T found = result.get();
      progress.aside(() -> report.accept(file.name(), found));
      return ExitCode.OK;
    } catch (StandardOutputException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      return report(e);
    }
  }

  private int report(Exception e) throws StandardOutputException {
    int[] status = new int[1];
    try {
      progress.aside(() -> status[0] = Failure.report(e, streams));
    } catch (StandardOutputException output) {
      throw output;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return status[0];
  }

  /** Waits for the result of an examination. */
  private static <T> T result(FileArgument file, FutureTask<T> task) throws IOException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw TaskFailure.of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException(
              QuotedText.name(file.name()) + ": interrupted while it was examined");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Starts no further examination, and waits for those that run. */
  @Override
  public void close() {
    if (executor != null) {
      executor.shutdownNow();
      executor.close();
    }
  }

  /** Holds the result for one file. */
  private static final class Examined<T> {
    private @Nullable T result;

    private T result() {
      if (result == null) {
        throw new IllegalStateException("the examination had no result");
      }
      return result;
    }
  }
}

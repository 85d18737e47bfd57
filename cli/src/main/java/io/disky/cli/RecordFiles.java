package io.disky.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** The record files that a command reads. */
@Command
final class RecordFiles {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      converter = FileArgument.Converter.class,
      description =
          "A record file; - is standard input, and an address such as https://server/file or"
              + " s3://bucket/key is a remote file. A directory stands for the files in it, and a"
              + " pattern with *, ?, [] or {} for the files whose names match, in the order of the"
              + " numbers at the end of their names, after those that do not end with a digit; so does an address with a pattern at its end."
              + " Hidden files are left out. Saved indexes and"
              + " unfinished temporary files are left out too, with a message, unless one of them"
              + " is the only FILE.")
  private List<FileArgument> files = new ArrayList<>();

  private int examined;

  void set(List<FileArgument> arguments) {
    files = arguments;
  }

  /** The arguments as they were given. */
  List<FileArgument> arguments() {
    return files;
  }

  /** Returns whether there is one argument and it is a file, not a directory or a pattern. */
  boolean isOne() {
    FileArgument first = files.getFirst();
    return files.size() == 1 && !first.isDirectory() && !first.isPattern();
  }

  /** The files that a command reads. Prints a message about each file that is left out. */
  List<FileArgument> all(StandardStreams streams) throws IOException {
    return all(files, streams);
  }

  /**
   * The files that {@code arguments} stand for. Prints a message about each file that is left out.
   */
  static List<FileArgument> all(List<FileArgument> arguments, StandardStreams streams)
      throws IOException {
    List<FileArgument> all = new ArrayList<>();
    for (FileArgument argument : arguments) {
      if (isMeant(argument, arguments, streams.err())) {
        all.addAll(argument.files(streams));
      }
    }
    return all;
  }

  /**
   * Returns whether {@code argument} of {@code all} is used. A single argument is always used.
   * Among several arguments, files that are not data are left out, because a shell may have
   * included them when it expanded a pattern.
   */
  private static boolean isMeant(FileArgument argument, List<FileArgument> all, PrintStream err) {
    return all.size() == 1
        || argument.isStandard()
        || argument.address() != null
        || DataFiles.isData(argument.path(), err);
  }

  /** The sum of the sizes of files; {@link Progress#UNKNOWN} if one of them has no size. */
  static long totalSize(List<FileArgument> files, StandardStreams streams) {
    long total = 0;
    for (FileArgument file : files) {
      long size = size(file, streams);
      if (size == Progress.UNKNOWN) {
        return size;
      }
      total += size;
    }
    return total;
  }

  private static long size(FileArgument file, StandardStreams streams) {
    try {
      if (file.isStandard() || file.isSequential()) {
        return Progress.UNKNOWN;
      }
      return file.address() == null
          ? Files.size(file.path())
          : OpenStores.size(streams.stores().file(file));
    } catch (IOException e) {
      return Progress.UNKNOWN; // reading the file will throw the exception that says why
    }
  }

  /** Examines a file. May run on any thread. */
  @FunctionalInterface
  interface Examination<T> {
    T examine(RecordFile file, FilesProgress.Part progress) throws IOException;
  }

  /** Takes the result of the examination of a file. */
  @FunctionalInterface
  interface Report<T> {
    void accept(String name, T result) throws IOException;
  }

  /**
   * Runs {@code examination} on each file, on {@code threads} files at the same time, and passes
   * the results to {@code report} in the order of the files. If a file fails, reports the failure
   * and goes on with the next file.
   *
   * @param task the name of the task in the display of the progress
   * @param threads number of threads; 0 for the calling thread alone
   * @return the exit status
   * @throws StandardOutputException if the output fails; the remaining files are then not read
   */
  <T> int each(
      String task,
      int threads,
      StandardStreams streams,
      Examination<T> examination,
      Report<T> report)
      throws StandardOutputException {
    int workers = isOne() ? 0 : threads;
    try (FilesProgress progress = new FilesProgress(task, streams);
        ParallelFiles<T> parallel = new ParallelFiles<>(workers, streams, examination, progress)) {
      List<ParallelFiles.Turn> turns = new ArrayList<>();
      long total = 0;
      for (FileArgument argument : files) {
        try {
          if (isMeant(argument, files, streams.err())) {
            for (FileArgument file : argument.files(streams)) {
              long size = progress.isWanted() ? size(file, streams) : Progress.UNKNOWN;
              total = Math.min(total, size) < 0 ? Progress.UNKNOWN : total + size;
              turns.add(parallel.begin(file, size, report));
            }
          }
        } catch (IOException e) {
          turns.add(() -> Failure.report(e, streams));
        }
      }
      examined = turns.size();
      progress.begin(total);
      int status = ExitCode.OK;
      for (ParallelFiles.Turn turn : turns) {
        status = Math.max(status, turn.take());
      }
      return status;
    }
  }

  /** Examines a file and prints the result. */
  @FunctionalInterface
  interface Visit {
    void accept(RecordFile file, FilesProgress.Part progress) throws IOException;
  }

  /**
   * The number of files that {@link #each(String, int, StandardStreams, Examination, Report)} has
   * examined, including those that failed. A directory or a pattern that cannot be listed counts as
   * a file.
   */
  int examined() {
    return examined;
  }

  /**
   * Runs {@code visit} on each file, one after the other. If a file fails, reports the failure and
   * goes on with the next file.
   *
   * @param task the name of the task in the display of the progress
   * @return the exit status
   * @throws StandardOutputException if the output fails; the remaining files are then not read
   */
  int eachFile(String task, StandardStreams streams, Visit visit) throws StandardOutputException {
    return each(
        task,
        0,
        streams,
        (file, progress) -> {
          visit.accept(file, progress);
          return true;
        },
        (name, done) -> {});
  }

  /**
   * Runs {@code action} on each file, one after the other; a directory counts as one file. If a
   * file fails, reports the failure and goes on with the next file.
   *
   * @return the exit status
   * @throws StandardOutputException if the output fails; the remaining files are then not read
   */
  int eachDataSet(StandardStreams streams, RecordFile.Action action)
      throws StandardOutputException {
    int status = ExitCode.OK;
    for (FileArgument argument : files) {
      try {
        if (isMeant(argument, files, streams.err())) {
          for (FileArgument file : argument.matches(streams)) {
            status = Math.max(status, run(file, streams, action));
          }
        }
      } catch (StandardOutputException e) {
        throw e;
      } catch (IOException e) {
        status = Failure.report(e, streams);
      }
    }
    return status;
  }

  private static int run(FileArgument file, StandardStreams streams, RecordFile.Action action)
      throws StandardOutputException {
    try {
      RecordFile.use(file, streams, action);
      return ExitCode.OK;
    } catch (StandardOutputException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      return Failure.report(e, streams);
    }
  }
}

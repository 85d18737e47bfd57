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
      try {
        if (file.isStandard() || file.isSequential()) {
          return Progress.UNKNOWN;
        }
        long size =
            file.address() == null
                ? Files.size(file.path())
                : OpenStores.size(streams.stores().file(file));
        if (size == Progress.UNKNOWN) {
          return size;
        }
        total += size;
      } catch (IOException e) {
        return Progress.UNKNOWN; // reading the file will throw the exception that says why
      }
    }
    return total;
  }

  /** Examines a file. May run on any thread. */
  @FunctionalInterface
  interface Examination<T> {
    T examine(RecordFile file) throws IOException;
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
   * @param threads number of threads; 0 for the calling thread alone
   * @return the exit status
   * @throws StandardOutputException if the output fails; the remaining files are then not read
   */
  <T> int each(int threads, StandardStreams streams, Examination<T> examination, Report<T> report)
      throws StandardOutputException {
    int workers = isOne() ? 0 : threads;
    try (ParallelFiles<T> parallel = new ParallelFiles<>(workers, streams, examination)) {
      List<ParallelFiles.Turn> turns = new ArrayList<>();
      for (FileArgument argument : files) {
        try {
          if (isMeant(argument, files, streams.err())) {
            for (FileArgument file : argument.files(streams)) {
              turns.add(parallel.begin(file, report));
            }
          }
        } catch (IOException e) {
          turns.add(() -> Failure.report(e, streams));
        }
      }
      examined = turns.size();
      int status = ExitCode.OK;
      for (ParallelFiles.Turn turn : turns) {
        status = Math.max(status, turn.take());
      }
      return status;
    }
  }

  /**
   * The number of files that {@link #each(int, StandardStreams, Examination, Report)} has examined,
   * including those that failed. A directory or a pattern that cannot be listed counts as a file.
   */
  int examined() {
    return examined;
  }

  /**
   * Runs {@code action} on each file, one after the other. If a file fails, reports the failure and
   * goes on with the next file.
   *
   * @return the exit status
   * @throws StandardOutputException if the output fails; the remaining files are then not read
   */
  int eachFile(StandardStreams streams, RecordFile.Action action) throws StandardOutputException {
    return each(argument -> argument.files(streams), streams, action);
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
    return each(argument -> argument.matches(streams), streams, action);
  }

  /** Finds the files that an argument stands for. */
  @FunctionalInterface
  private interface Search {
    List<FileArgument> in(FileArgument argument) throws IOException;
  }

  private int each(Search search, StandardStreams streams, RecordFile.Action action)
      throws StandardOutputException {
    int status = ExitCode.OK;
    for (FileArgument argument : files) {
      try {
        if (isMeant(argument, files, streams.err())) {
          for (FileArgument file : search.in(argument)) {
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

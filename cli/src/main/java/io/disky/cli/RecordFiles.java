package io.disky.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
          "A record file; - is standard input; a directory stands for the files in it, and a"
              + " pattern with *, ?, [] or {} for those whose names match, in the order of the"
              + " numbers that end their names. Hidden files are left out; so are saved indexes and"
              + " unfinished temporary files, unless one is the only FILE, and standard error says"
              + " so.")
  private List<FileArgument> files = new ArrayList<>();

  /** The arguments as they were given. */
  List<FileArgument> arguments() {
    return files;
  }

  /** Says whether one file is meant, and nothing that may stand for several. */
  boolean isOne() {
    FileArgument first = files.getFirst();
    return files.size() == 1 && !first.isDirectory() && !first.isPattern();
  }

  /**
   * The files that a command reads.
   *
   * @param err told of what is left out
   */
  List<FileArgument> all(PrintStream err) throws IOException {
    List<FileArgument> all = new ArrayList<>();
    for (FileArgument argument : files) {
      if (isMeant(argument, err)) {
        all.addAll(argument.files(err));
      }
    }
    return all;
  }

  /**
   * Of several files, which may be what a shell has made of a pattern, those that are no data are
   * left out; one file is what the user means, whatever it is.
   */
  private boolean isMeant(FileArgument argument, PrintStream err) {
    return files.size() == 1 || argument.isStandard() || DataFiles.isData(argument.path(), err);
  }

  /** Finds out something about a file; may run on any thread. */
  @FunctionalInterface
  interface Examination<T> {
    T examine(RecordFile file) throws IOException;
  }

  /** Takes what was found out about a file. */
  @FunctionalInterface
  interface Report<T> {
    void accept(String name, T result) throws IOException;
  }

  /**
   * Runs {@code examination} on each file, {@code threads} at a time, and gives {@code report} the
   * results in the order of the files. One that fails is reported, and the next one follows.
   *
   * @param threads 0 for this thread alone
   * @return the exit status
   * @throws StandardOutputException if the output fails: that ends it all
   */
  <T> int each(int threads, StandardStreams streams, Examination<T> examination, Report<T> report)
      throws StandardOutputException {
    try (ParallelFiles<T> parallel = new ParallelFiles<>(threads, streams, examination)) {
      List<ParallelFiles.Turn> turns = new ArrayList<>();
      for (FileArgument argument : files) {
        try {
          if (isMeant(argument, streams.err())) {
            for (FileArgument file : argument.files(streams.err())) {
              turns.add(parallel.begin(file, report));
            }
          }
        } catch (IOException e) {
          turns.add(() -> Failure.report(e, streams));
        }
      }
      int status = ExitCode.OK;
      for (ParallelFiles.Turn turn : turns) {
        status = Math.max(status, turn.take());
      }
      return status;
    }
  }

  /**
   * Runs {@code action} on each file, one after the other; a directory is one. One that fails is
   * reported, and the next one follows.
   *
   * @return the exit status
   * @throws StandardOutputException if the output fails: that ends it all
   */
  int eachDataSet(StandardStreams streams, RecordFile.Action action)
      throws StandardOutputException {
    int status = ExitCode.OK;
    for (FileArgument argument : files) {
      try {
        if (isMeant(argument, streams.err())) {
          for (FileArgument file : argument.matches(streams.err())) {
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

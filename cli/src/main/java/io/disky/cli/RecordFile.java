package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record file to read. Here an argument becomes a file: standard input and pipes are first copied
 * to a temporary file, because the reader needs to read at any position.
 *
 * @param name the name that the user gave
 * @param path the path of the file, or of the temporary copy
 */
record RecordFile(String name, Path path) {
  /** An action on a record file. */
  @FunctionalInterface
  interface Action {
    void accept(RecordFile file) throws IOException;
  }

  /** An action on the files of a data set. */
  @FunctionalInterface
  interface PathsAction {
    void accept(List<Path> paths) throws IOException;
  }

  /**
   * Runs {@code action} on all files that {@code arguments} name. A temporary copy is deleted
   * afterwards.
   */
  static void useAll(List<FileArgument> arguments, StandardStreams streams, PathsAction action)
      throws IOException {
    if (arguments.isEmpty()) {
      throw new IOException("there is no record file to read: all arguments were left out");
    }
    useAll(arguments, List.of(), streams, action);
  }

  /** Calls itself for each argument until {@code paths} has the paths of all of them. */
  private static void useAll(
      List<FileArgument> arguments, List<Path> paths, StandardStreams streams, PathsAction action)
      throws IOException {
    if (paths.size() == arguments.size()) {
      action.accept(paths);
      return;
    }
    if (!needsCopy(arguments.get(paths.size()))) {
      // Without a call for each file, because there may be many.
      List<Path> more = new ArrayList<>(paths);
      while (more.size() < arguments.size() && !needsCopy(arguments.get(more.size()))) {
        streams.checkIsNotOutput(arguments.get(more.size()));
        more.add(arguments.get(more.size()).path());
      }
      useAll(arguments, more, streams, action);
      return;
    }
    use(
        arguments.get(paths.size()),
        streams,
        file -> {
          List<Path> more = new ArrayList<>(paths);
          more.add(file.path());
          useAll(arguments, more, streams, action);
        });
  }

  /**
   * Runs {@code action} on the file that {@code argument} names. A temporary copy is deleted
   * afterwards.
   */
  static void use(FileArgument argument, StandardStreams streams, Action action)
      throws IOException {
    streams.checkIsNotOutput(argument);
    if (!needsCopy(argument)) {
      action.accept(new RecordFile(argument.name(), argument.path()));
      return;
    }
    streams.out().endWithReader();
    try (TemporaryFile copy = copy(argument, streams)) {
      RecordFile file = new RecordFile(argument.name(), copy.path());
      try {
        action.accept(file);
      } catch (StandardOutputException e) {
        throw e;
      } catch (IOException | UncheckedIOException e) {
        // Replaces the name of the temporary file in messages, which is possible only while it
        // exists.
        Throwable failure =
            e instanceof UncheckedIOException ? Objects.requireNonNull(e.getCause()) : e;
        throw new IOException(Failure.message(failure), e);
      } catch (OutOfMemoryError e) {
        throw new IOException(Failure.message(e), e);
      }
    }
  }

  private static boolean needsCopy(FileArgument argument) {
    return argument.isStandard() || argument.isSequential();
  }

  private static TemporaryFile copy(FileArgument argument, StandardStreams streams)
      throws IOException {
    if (argument.isStandard()) {
      return TemporaryFile.of(streams.in(), argument.title());
    }
    try (InputStream in = Files.newInputStream(argument.path())) {
      return TemporaryFile.of(in, argument.title());
    }
  }

  RecordReader open(ReaderOptions options) throws IOException {
    return RecordReader.open(path, options);
  }
}

package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * A record file to read. Standard input is read into a temporary file first, because records are
 * read by their positions.
 *
 * @param name the name that the user knows it by
 * @param path where it is
 */
record RecordFile(String name, Path path) {
  /** What is done with a record file. */
  @FunctionalInterface
  interface Action {
    void accept(RecordFile file) throws IOException;
  }

  /** Runs {@code action} on the file that {@code argument} names, which exists only meanwhile. */
  static void use(FileArgument argument, StandardStreams streams, Action action)
      throws IOException {
    streams.checkIsNotOutput(argument);
    if (!argument.isStandard()) {
      action.accept(new RecordFile(argument.name(), argument.path()));
      return;
    }
    streams.out().endWithReader();
    try (TemporaryFile copy = TemporaryFile.of(streams.in(), "standard input")) {
      RecordFile file = new RecordFile(argument.name(), copy.path());
      try {
        action.accept(file);
      } catch (StandardOutputException e) {
        throw e;
      } catch (IOException | UncheckedIOException e) {
        // While the file is there: messages have its name.
        Throwable failure = e instanceof UncheckedIOException ? e.getCause() : e;
        throw new IOException(Failure.message(failure), e);
      } catch (OutOfMemoryError e) {
        throw new IOException(Failure.message(e), e);
      }
    }
  }

  RecordReader open(ReaderOptions options) throws IOException {
    return RecordReader.open(path, options);
  }
}

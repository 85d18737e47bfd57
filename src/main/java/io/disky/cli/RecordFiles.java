package io.disky.cli;

import java.io.IOException;
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
      description = "A record file; - is standard input.")
  private List<FileArgument> files = new ArrayList<>();

  List<FileArgument> all() {
    return files;
  }

  int count() {
    return files.size();
  }

  /**
   * Runs {@code action} on each file. One that fails is reported, and the next one follows.
   *
   * @return the exit status
   * @throws StandardOutputException if the output fails: that ends it all
   */
  int each(StandardStreams streams, RecordFile.Action action) throws StandardOutputException {
    int status = ExitCode.OK;
    for (FileArgument file : files) {
      try {
        RecordFile.use(file, streams.in(), action);
      } catch (StandardOutputException e) {
        throw e;
      } catch (IOException | UncheckedIOException e) {
        status = Failure.report(e, streams);
      }
    }
    return status;
  }
}

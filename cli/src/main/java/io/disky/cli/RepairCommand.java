package io.disky.cli;

import io.disky.RecordWriter;
import io.disky.Repair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Cuts the torn ends of files. */
@Command(
    name = "repair",
    header = "Cuts the torn ends that a crash leaves.",
    description = {
      "",
      "If the end of a FILE is torn, the command cuts the FILE after its last intact chunk. It"
          + " never cuts an intact chunk. It does not change a FILE that is damaged elsewhere than"
          + " at its end, or that a writer has open.",
      "For each FILE the command prints a line. The exit status is 0 if all FILEs are intact"
          + " afterwards."
    },
    sortOptions = false)
final class RepairCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      converter = FileArgument.Converter.class,
      description = "A record file.")
  private List<FileArgument> files = new ArrayList<>();

  @Option(
      names = "--dry-run",
      description =
          "Change nothing; only print the cuts. The exit status is as without this option.")
  private boolean dryRun;

  @Spec private CommandSpec spec;

  RepairCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws StandardOutputException {
    if (files.stream().anyMatch(FileArgument::isStandard)) {
      throw new ParameterException(spec.commandLine(), "repair needs files, not standard input");
    }
    int status = ExitCode.OK;
    for (FileArgument file : files) {
      try {
        streams.out().print(file + ": " + repair(file) + "\n");
      } catch (StandardOutputException e) {
        throw e;
      } catch (IOException e) {
        status = Failure.report(e, streams);
      } catch (IllegalArgumentException e) {
        // An ArrayRecord, which ends with an index and cannot be cut; the message names the file.
        status = Failure.report(new IOException(e.getMessage(), e), streams);
      }
    }
    return status;
  }

  private String repair(FileArgument file) throws IOException {
    streams.checkIsNotOutput(file);
    Optional<Repair> repair =
        dryRun ? RecordWriter.findTornTail(file.path()) : RecordWriter.repair(file.path());
    return repair.map(this::report).orElse("intact");
  }

  private String report(Repair repair) {
    return String.format(
        Locale.ROOT,
        "%s from %d to %d bytes; byte %d: %s",
        dryRun ? "would be cut" : "cut",
        repair.sizeBefore(),
        repair.sizeAfter(),
        repair.sizeAfter(),
        repair.reason());
  }
}

package io.disky.cli;

import io.disky.RecordWriter;
import io.disky.Repair;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Cuts the torn ends of files. */
@Command(
    name = "repair",
    header = "Cuts the torn ends that a crash leaves.",
    description = {
      "",
      "If the end of a FILE is torn, the command cuts the FILE after its last intact chunk. It"
          + " never cuts a record that 'disky recover' returns. It reads only the end of a FILE:"
          + " 'disky verify' finds damage elsewhere. It does not change a FILE that a cut would"
          + " not repair, or that a writer has open.",
      "For each FILE the command prints a line. The exit status is 0 if no FILE has a torn end"
          + " afterwards, and 1 if a FILE cannot be repaired by a cut, or cannot be read or"
          + " changed. With --dry-run a torn end that could be cut does not count as a failure."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON objects:",
      "  file        the FILE",
      "  torn        whether its end was torn; false does not mean that the rest is",
      "              intact",
      "  cut         whether the command has cut it: false with --dry-run",
      "  sizeBefore  size in bytes before the cut; only if torn is true",
      "  sizeAfter   size after the cut; only if torn is true",
      "  reason      what is wrong at the offset sizeAfter; only if torn is true"
    })
final class RepairCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Mixin private RecordFiles files = new RecordFiles();

  @Option(
      names = {"-n", "--dry-run"},
      description =
          "Change nothing; only print the cuts. The exit status is as without this option.")
  private boolean dryRun;

  @Mixin private JsonLines json = new JsonLines();
  @Spec private CommandSpec spec;

  RepairCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws StandardOutputException {
    if (files.arguments().stream().anyMatch(FileArgument::isStandard)) {
      throw new ParameterException(spec.commandLine(), "repair needs files, not standard input");
    }
    return files.eachFile("repair", streams, this::repair);
  }

  private void repair(RecordFile file, FilesProgress.Part progress) throws IOException {
    if (file.remote() != null) {
      throw new RefusedAddressException(
          file.name(),
          "a remote file cannot be changed in place; 'disky recover' writes its intact records to a"
              + " new file");
    }
    Optional<Repair> repair = repair(file.path());
    if (json.areAskedFor()) {
      JsonLines.print(streams, line -> add(line, file.name(), repair));
      return;
    }
    String report =
        repair.map(this::report).orElse("the end is not torn ('disky verify' checks the rest)");
    streams.out().print(QuotedText.name(file.name()) + ": " + report + "\n");
  }

  private Optional<Repair> repair(Path file) throws IOException {
    try {
      return dryRun ? RecordWriter.findTornTail(file) : RecordWriter.repair(file);
    } catch (IllegalArgumentException e) {
      // An ArrayRecord, which ends with an index and cannot be cut; the message names the file.
      throw new IOException(e.getMessage(), e);
    }
  }

  private void add(Json line, String name, Optional<Repair> torn) {
    line.name("file").value(name);
    line.name("torn").value(torn.isPresent());
    line.name("cut").value(torn.isPresent() && !dryRun);
    if (torn.isPresent()) {
      line.name("sizeBefore").value(torn.get().sizeBefore());
      line.name("sizeAfter").value(torn.get().sizeAfter());
      line.name("reason").value(torn.get().reason());
    }
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

package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints the first records of files. */
@Command(
    name = "head",
    header = "Prints the first records of files.",
    description = {
      "",
      "Prints the first COUNT records of each FILE, in the order of the FILEs. Reads only the chunks"
          + " that contain them. ('disky cat --limit' counts over all FILEs.)"
    },
    sortOptions = false)
final class HeadCommand implements FilesCommand {
  private final StandardStreams streams;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "COUNT",
      description = "Number of records of each FILE (default: 10).")
  private long count = 10;

  @Mixin private PrintSettings printing = new PrintSettings();
  @Mixin private FieldSettings fields = new FieldSettings();
  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private RecordFiles files = new RecordFiles();
  @Spec private CommandSpec spec;

  HeadCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    if (count < 0) {
      throw new ParameterException(spec.commandLine(), "--count is negative: " + count);
    }
    OutputBuffer buffer = new OutputBuffer(streams.out());
    try {
      for (FileArgument file : files.all(streams)) {
        RecordFile.use(file, streams, named -> print(named, buffer));
      }
    } finally {
      buffer.flush();
    }
    return ExitCode.OK;
  }

  private void print(RecordFile file, OutputBuffer buffer) throws IOException {
    ReaderOptions options =
        fields.on(readSettings.on(recovery.options(file.name(), streams.err()))).withReadAhead(1);
    try (RecordReader reader = file.open(options)) {
      RecordPrinter printer = printing.of(reader, recovery.recovers(), streams.out());
      for (long i = 0; i < count; i++) {
        MemorySegment record = reader.next();
        if (record == null) {
          return;
        }
        printer.print(record, 0, record.byteSize(), buffer);
      }
    }
  }
}

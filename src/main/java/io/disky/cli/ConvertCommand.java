package io.disky.cli;

import io.disky.CorruptFileException;
import io.disky.Dialect;
import io.disky.OpenMode;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the records of a record file to another one. */
@Command(
    name = "convert",
    header = "Writes the records of a file to another one, in another way.",
    description = {
      "",
      "IN is any record file; the options say how OUT is written, whatever IN is like. The records"
          + " and their order stay the same.",
      "The file metadata of IN are kept as they are, unless an option gives others. The dialect disky"
          + " has none: there they are left out, with a warning.",
      "Without --force, OUT must not exist. If it fails, OUT is removed; with --atomic it is what it"
          + " was."
    },
    sortOptions = false)
final class ConvertCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      converter = FileArgument.Converter.class,
      description = "The record file to read; - is standard input.")
  private FileArgument in = FileArgument.STANDARD;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      converter = FileArgument.Converter.class,
      description = "The record file to write; - is standard output.")
  private FileArgument out = FileArgument.STANDARD;

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(names = "--no-metadata", description = "Leave out the file metadata of IN.")
  private boolean noMetadata;

  @Option(names = "--force", description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Spec private CommandSpec spec;

  ConvertCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options =
        settings.options().withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW);
    if (!in.isStandard() && output(options).isSameAs(in.path())) {
      throw new ParameterException(spec.commandLine(), in + " is both IN and OUT");
    }
    RecordFile.use(in, streams.in(), file -> convert(file, options));
    return ExitCode.OK;
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(out, options, streams, spec.commandLine());
  }

  private void convert(RecordFile file, WriterOptions options) throws IOException {
    try (RecordReader reader = file.open()) {
      ConvertedRecords records = new ConvertedRecords(reader);
      output(withMetadata(options, reader)).write("convert", records);
    }
  }

  /** {@code options} with the metadata of IN, where they are wanted and OUT can hold them. */
  private WriterOptions withMetadata(WriterOptions options, RecordReader reader)
      throws IOException {
    if (noMetadata || options.metadata().isPresent()) {
      return options;
    }
    Optional<RecordsMetadata> metadata = metadata(reader);
    if (metadata.isPresent() && options.dialect() == Dialect.DISKY) {
      Failure.print(
          in
              + ": its file metadata are left out, because the dialect disky has none;"
              + " --dialect=riegeli keeps them",
          streams.err());
      return options;
    }
    return metadata.map(options::withMetadata).orElse(options);
  }

  private static Optional<RecordsMetadata> metadata(RecordReader reader) throws IOException {
    try {
      return reader.metadata();
    } catch (CorruptFileException e) {
      throw new IOException(e.getMessage() + "; --no-metadata leaves them out", e);
    }
  }
}

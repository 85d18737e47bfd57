package io.disky.cli;

import io.disky.Dialect;
import io.disky.OpenMode;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.SkippedRegion;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
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

/** Writes what is intact in a damaged record file to another one. */
@Command(
    name = "recover",
    header = "Writes what is intact in a damaged file to another one.",
    description = {
      "",
      "IN is a record file, damaged in any way. Every record of every intact chunk is written to OUT,"
          + " in order, as the options say; a line tells of each part of IN that was skipped. IN is"
          + " not changed.",
      "Without --force, OUT must not exist. If it fails, OUT is removed. The exit status is 0 if OUT"
          + " is complete, whatever was skipped; 'disky verify' tells whether a file is intact."
    },
    sortOptions = false)
final class RecoverCommand implements Callable<Integer> {
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

  @Option(
      names = "--no-scan",
      description =
          "Leave out records that only a search finds: those that might belong to a record file inside"
              + " of a record.")
  private boolean noScan;

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(names = "--force", description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Spec private CommandSpec spec;

  RecoverCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options =
        settings.options().withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW);
    if (!in.isStandard() && output(options).isSameAs(in.path())) {
      throw new ParameterException(spec.commandLine(), in + " is both IN and OUT");
    }
    RecordFile.use(in, streams.in(), file -> recover(file, options));
    return ExitCode.OK;
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(out, options, streams, spec.commandLine());
  }

  private void recover(RecordFile file, WriterOptions options) throws IOException {
    try (RecordReader reader =
        file.open(RecoverySettings.recovering(file.name(), !noScan, streams.err()))) {
      ConvertedRecords records = new ConvertedRecords(reader);
      output(withMetadata(options, reader)).write("recover", records);
      report(file, reader.skippedRegions());
    }
  }

  /** The metadata of IN are kept where they can be: damaged ones are among the skipped regions. */
  private WriterOptions withMetadata(WriterOptions options, RecordReader reader) {
    if (options.metadata().isPresent()) {
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

  private static Optional<RecordsMetadata> metadata(RecordReader reader) {
    try {
      return reader.metadata();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void report(RecordFile file, List<SkippedRegion> skipped) {
    long bytes = skipped.stream().mapToLong(SkippedRegion::size).sum();
    Failure.print(
        String.format(
            Locale.ROOT,
            "%s: %,d bytes in %,d parts were skipped",
            file.name(),
            bytes,
            skipped.size()),
        streams.err());
  }
}

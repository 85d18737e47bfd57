package io.disky.cli;

import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.SkippedRegion;
import io.disky.WriterOptions;
import io.disky.files.QuotedText;
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

/** Copies the intact records of a damaged record file to a new file. */
@Command(
    name = "recover",
    header = "Copies the intact records of a damaged file to a new file.",
    description = {
      "",
      "IN is a record file with any damage. The command writes every record of every intact chunk"
          + " that it finds to OUT, in order, and prints a line for each part of IN that it skips."
          + " The options decide how OUT is written. IN is not changed.",
      "Without --force, OUT must not exist. If the command fails, or a signal ends it, it removes"
          + " OUT. The exit status is 0 if OUT is complete, even if parts of IN were skipped;"
          + " 'disky verify' checks whether a file is intact."
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

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(names = "--force", description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Mixin private ChunkLimit chunkLimit = new ChunkLimit();

  @Option(
      names = "--no-scan",
      description =
          "Leave out records that only a search finds, because they might belong to a record file"
              + " inside a record.")
  private boolean noScan;

  @Spec private CommandSpec spec;

  RecoverCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options =
        settings.options().withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW);
    if (output(options).isSameAs(in)) {
      throw new ParameterException(spec.commandLine(), in.title() + " is both IN and OUT");
    }
    RecordFile.use(in, streams, file -> recover(file, options));
    return ExitCode.OK;
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(out, options, streams, spec.commandLine());
  }

  private void recover(RecordFile file, WriterOptions options) throws IOException {
    try (RecordReader reader =
        file.open(
            chunkLimit.on(RecoverySettings.recovering(file.name(), !noScan, streams.err())))) {
      ConvertedRecords records =
          new ConvertedRecords(reader, List.of(), name -> ReaderOptions.defaults());
      boolean wanted = options.metadata().isEmpty();
      WriterOptions complete =
          wanted ? MetadataSettings.add(metadata(reader), in, options, streams.err()) : options;
      output(complete).write("recover", records);
      report(file, reader.skippedRegions());
    }
  }

  /** Returns the file metadata; empty if they are damaged, which the skipped regions report. */
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
            QuotedText.name(file.name()),
            bytes,
            skipped.size()),
        streams.err());
  }
}

package io.disky.cli;

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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class RecoverCommand extends Conversion {
  @Option(
      names = "--no-scan",
      description =
          "Leave out records that only a search finds, because they might belong to a record file"
              + " inside a record.")
  private boolean noScan;

  RecoverCommand(StandardStreams streams) {
    super(streams);
  }

  @Override
  void convert(FileArgument argument, WriterOptions options) throws IOException {
    checkInputs(List.of(argument), options);
    RecordFile.use(argument, streams(), file -> convert(file, options));
  }

  private void convert(RecordFile file, WriterOptions options) throws IOException {
    try (RecordReader reader =
        file.open(reading(RecoverySettings.recovering(file.name(), !noScan, streams().err())))) {
      ConvertedRecords records = new ConvertedRecords(reader, List.of(), ReaderOptions.defaults());
      boolean wanted = options.metadata().isEmpty();
      WriterOptions complete = wanted ? withMetadata(options, metadata(reader)) : options;
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
        streams().err());
  }
}

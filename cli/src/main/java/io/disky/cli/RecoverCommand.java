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

/** Writes what is intact in a damaged record file to another one. */
@Command(
    name = "recover",
    header = "Writes what is intact in a damaged file to another one.",
    description = {
      "",
      "IN is a record file, damaged in any way. Every record of every intact chunk is written to OUT,"
          + " in order, as the options say; a line tells of each part of IN that was skipped. IN is"
          + " not changed.",
      "Without --force, OUT must not exist. If it fails, or a signal ends it, OUT is removed. The exit status is 0 if OUT"
          + " is complete, whatever was skipped; 'disky verify' tells whether a file is intact."
    },
    sortOptions = false)
final class RecoverCommand extends Conversion {
  @Option(
      names = "--no-scan",
      description =
          "Leave out records that only a search finds: those that might belong to a record file inside"
              + " of a record.")
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

  /** Damaged ones are among the skipped regions. */
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

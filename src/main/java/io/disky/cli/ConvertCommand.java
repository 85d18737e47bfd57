package io.disky.cli;

import io.disky.CorruptFileException;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class ConvertCommand extends Conversion {
  @Option(names = "--no-metadata", description = "Leave out the file metadata of IN.")
  private boolean noMetadata;

  ConvertCommand(StandardStreams streams) {
    super(streams);
  }

  @Override
  void convert(RecordFile file, WriterOptions options) throws IOException {
    try (RecordReader reader = file.open()) {
      ConvertedRecords records = new ConvertedRecords(reader);
      boolean wanted = !noMetadata && options.metadata().isEmpty();
      WriterOptions complete = wanted ? withMetadata(options, metadata(reader)) : options;
      output(complete).write("convert", records);
    }
  }

  private static Optional<RecordsMetadata> metadata(RecordReader reader) throws IOException {
    try {
      return reader.metadata();
    } catch (CorruptFileException e) {
      throw new IOException(e.getMessage() + "; --no-metadata leaves them out", e);
    }
  }
}

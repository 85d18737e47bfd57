package io.disky.cli;

import io.disky.CorruptFileException;
import io.disky.Dialect;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option of a command that copies file metadata. */
@Command
final class MetadataSettings {
  @Option(names = "--no-metadata", description = "Leave out the file metadata of IN.")
  private boolean noMetadata;

  /**
   * Adds the file metadata of {@code reader} to {@code options}, unless they are not wanted or
   * {@code options} have others.
   *
   * @param in the input in messages
   * @param err gets a message if the metadata are left out
   */
  WriterOptions copy(RecordReader reader, FileArgument in, WriterOptions options, PrintStream err)
      throws IOException {
    boolean wanted = !noMetadata && options.metadata().isEmpty();
    return wanted ? add(metadata(reader), in, options, err) : options;
  }

  /**
   * As {@link #copy}, but without the file metadata if they are damaged, which the skipped regions
   * report.
   */
  WriterOptions copyIntact(
      RecordReader reader, FileArgument in, WriterOptions options, PrintStream err) {
    boolean wanted = !noMetadata && options.metadata().isEmpty();
    return wanted ? add(intact(reader), in, options, err) : options;
  }

  private static Optional<RecordsMetadata> intact(RecordReader reader) {
    try {
      return reader.metadata();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<RecordsMetadata> metadata(RecordReader reader) throws IOException {
    try {
      return reader.metadata();
    } catch (CorruptFileException e) {
      throw new IOException(e.getMessage() + "; --no-metadata leaves the file metadata out", e);
    }
  }

  /** Adds {@code metadata} of the file {@code in} to {@code options} if a file can contain them. */
  private static WriterOptions add(
      Optional<RecordsMetadata> metadata, FileArgument in, WriterOptions options, PrintStream err) {
    if (metadata.isPresent() && options.dialect() == Dialect.DISKY) {
      Failure.print(
          in
              + ": its file metadata are left out, because files in the dialect disky cannot"
              + " contain them; --dialect=riegeli keeps them",
          err);
      return options;
    }
    return metadata.map(options::withMetadata).orElse(options);
  }
}

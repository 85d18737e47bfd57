package io.disky.cli;

import io.disky.CorruptFileException;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options of a command that prints records. Does not mention classes of protocol buffers, so
 * that they are loaded only if a format needs them.
 */
@Command
final class PrintSettings {
  @Option(
      names = {"-t", "--format"},
      paramLabel = "FORMAT",
      converter = ConstantConverter.Formats.class,
      description = {
        "lines (default): the bytes of each record, then a line feed;",
        "raw: the bytes of each record;",
        "hex, base64: a line for each record;",
        "length-prefixed: the record's length as a 4-byte little-endian number, then the record;",
        "proto: the fields of protocol buffer messages as text, then an empty line;",
        "json: a line for each record, with a JSON object of the fields of the message.",
        "The fields have names if the file metadata, or --descriptors, describe the type;"
            + " otherwise they have numbers, and bytes are printed as text, as a message or as"
            + " bytes, whichever is most plausible.",
        "Without this option, a record that is not text is not printed on a terminal."
      })
  private @Nullable RecordFormat format;

  @Option(
      names = "--descriptors",
      paramLabel = "SET",
      description =
          "With proto and json: read the types of messages from SET, a file that 'protoc"
              + " --include_imports --descriptor_set_out=SET' has written (default: those in the file"
              + " metadata).")
  private @Nullable Path descriptors;

  @Option(
      names = "--type",
      paramLabel = "NAME",
      description =
          "With proto and json: the full name of the records' type, such as example.Event (default:"
              + " that in the file metadata).")
  private @Nullable String type;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Returns whether an option about the format is given. */
  boolean areGiven() {
    return format != null || descriptors != null || type != null;
  }

  /** Returns whether each record is printed in lines of its own, without another separator. */
  boolean isLineByLine() {
    return switch (format) {
      case null -> true;
      case LINES, HEX, BASE64, JSON -> true;
      case RAW, PROTO, LENGTH_PREFIXED -> false;
    };
  }

  private boolean isMessage() {
    return format == RecordFormat.PROTO || format == RecordFormat.JSON;
  }

  /**
   * The printer of the records of {@code reader}.
   *
   * @param recovers whether damaged file metadata are left out
   * @param out the output to which the records go
   * @throws IOException if the file metadata are damaged, or if the type is not found
   */
  RecordPrinter of(RecordReader reader, boolean recovers, StandardOutput out) throws IOException {
    boolean wanted = isMessage() && (descriptors == null || type == null);
    return of(wanted ? metadata(reader, recovers) : Optional.empty(), reader.name(), out);
  }

  private static Optional<RecordsMetadata> metadata(RecordReader reader, boolean recovers)
      throws IOException {
    try {
      return reader.metadata();
    } catch (CorruptFileException e) {
      if (recovers) {
        return Optional.empty(); // the reader reports it as skipped
      }
      throw new IOException(
          e.getMessage() + "; with --descriptors and --type the file metadata are not needed", e);
    }
  }

  /** The printer of the records of {@code file} on {@code out}. */
  RecordPrinter of(RecordFile file, ReaderOptions options, StandardOutput out) throws IOException {
    if (!isMessage() || (descriptors != null && type != null)) {
      return of(Optional.empty(), file.readName(), out);
    }
    try (RecordReader reader = file.open(options)) {
      return of(reader, false, out);
    }
  }

  private RecordPrinter of(Optional<RecordsMetadata> metadata, String name, StandardOutput out)
      throws IOException {
    RecordFormat chosen = format == null ? RecordFormat.LINES : format;
    if (!isMessage()) {
      if (descriptors != null || type != null) {
        throw usage("--descriptors and --type need --format=proto or --format=json");
      }
      return format == null && out.isTerminal() ? new TextOnly(chosen) : chosen;
    }
    String typeName =
        type == null ? metadata.flatMap(RecordsMetadata::recordTypeName).orElse(null) : type;
    if (typeName == null) {
      if (descriptors != null) {
        throw usage("--descriptors needs --type: " + where(name) + " state no type");
      }
      return chosen;
    }
    List<byte[]> files = metadata.map(RecordsMetadata::fileDescriptors).orElse(List.of());
    if (descriptors == null && files.isEmpty()) {
      if (type != null) {
        throw usage("--type needs --descriptors: " + where(name) + " describe no types");
      }
      return chosen;
    }
    return typed(typeName, files, name, chosen == RecordFormat.JSON);
  }

  private static String where(String name) {
    return "the file metadata of " + QuotedText.name(name);
  }

  private RecordPrinter typed(String typeName, List<byte[]> files, String name, boolean json)
      throws IOException {
    if (descriptors == null) {
      return TypedPrinter.of(files, typeName, json, where(name));
    }
    byte[] set = Files.readAllBytes(descriptors);
    return TypedPrinter.ofSet(set, typeName, json, QuotedText.name(descriptors));
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}

package io.disky.cli;

import io.disky.formats.FramedReaderOptions;
import io.disky.formats.Framing;
import io.disky.formats.StreamCompression;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options that decide about the formats of the files of {@code disky convert}. */
@Command
final class FormatSettings {
  @Option(
      names = "--from",
      paramLabel = "FORMAT",
      converter = ConstantConverter.FileFormats.class,
      description = {
        "The format of all INs (default: the names decide):",
        "records: record files (Disky, Riegeli, ArrayRecord);",
        "tfrecord: TensorFlow's TFRecord (.tfrecord, .tfrecords, .tfrec);",
        "delimited: messages that follow their length, a varint (.delimited);",
        "length-prefixed, length-prefixed-32be, -64le, -64be: records that follow their length of 4"
            + " or 8 bytes, little- or big-endian; without a suffix 4 bytes, little-endian;",
        "bag, bagz: bagz files, without compression or with zstd (.bag, .bagz)."
      })
  private @Nullable FileFormat from;

  @Option(
      names = "--from-compression",
      paramLabel = "CODEC",
      converter = ConstantConverter.StreamCompressions.class,
      description =
          "The compression of all INs that are neither record files nor bagz: none, gzip, zlib or,"
              + " for tfrecord, detect (default: detect for tfrecord; for others gzip if the name"
              + " ends with .gz, and none if not).")
  private @Nullable StreamCompression fromCompression;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      converter = ConstantConverter.FileFormats.class,
      description =
          "The format of OUT: one of those of --from, except bag and bagz (default: the name of OUT"
              + " decides).")
  private @Nullable FileFormat to;

  @Option(
      names = "--to-compression",
      paramLabel = "CODEC",
      converter = ConstantConverter.StreamCompressions.class,
      description =
          "The compression of an OUT that is not a record file: none, gzip or zlib (default: gzip if"
              + " the name ends with .gz, and none if not).")
  private @Nullable StreamCompression toCompression;

  @Option(
      names = "--max-record-size",
      paramLabel = "SIZE",
      converter = FormatSettings.RecordSizeConverter.class,
      description =
          "Refuse a record of an IN that is not a record file if it takes more than SIZE, at most"
              + " 2GiB minus 64 bytes (default: 1GiB).")
  private int maxRecordSize = FramedReaderOptions.DEFAULT_MAX_RECORD_SIZE;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** The format of the input {@code file}. */
  FileFormat of(FileArgument file) {
    return from == null ? FileFormat.of(file.name()) : from;
  }

  /** How to read the records of the input {@code file}, which follow each other as in a stream. */
  FramedReaderOptions reading(FileArgument file, Framing framing) {
    FramedReaderOptions options = FramedReaderOptions.of(framing).withMaxRecordSize(maxRecordSize);
    if (fromCompression != null) {
      try {
        return options.withCompression(fromCompression);
      } catch (IllegalArgumentException e) {
        throw usage("--from-compression=detect is for tfrecord, not for " + file.title());
      }
    }
    boolean compressed = framing != Framing.TFRECORD && isGzip(file);
    return compressed ? options.withCompression(StreamCompression.GZIP) : options;
  }

  /** The largest size in bytes of a record of an input that is not a record file. */
  int maxRecordSize() {
    return maxRecordSize;
  }

  /**
   * The framing of OUT; null if OUT is a record file.
   *
   * @throws ParameterException if the format of OUT can only be read
   */
  @Nullable Framing framing(FileArgument out) {
    FileFormat format = to == null ? FileFormat.of(out.name()) : to;
    if (format == FileFormat.RECORDS) {
      if (toCompression != null) {
        throw usage("--to-compression is for an OUT that is not a record file");
      }
      return null;
    }
    Framing framing = format.framing();
    if (framing == null) {
      throw usage("bagz files can be read, but not written: choose another format with --to");
    }
    return framing;
  }

  /** The compression of OUT. */
  StreamCompression compression(FileArgument out) {
    if (toCompression == StreamCompression.DETECT) {
      throw usage("--to-compression=detect: a compression to write is none, gzip or zlib");
    }
    if (toCompression != null) {
      return toCompression;
    }
    return isGzip(out) ? StreamCompression.GZIP : StreamCompression.NONE;
  }

  private static boolean isGzip(FileArgument file) {
    return file.name().endsWith(".gz");
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** Parses the largest size of a record. */
  static final class RecordSizeConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        long size = Math.min(ByteSize.parse(text), Integer.MAX_VALUE);
        return FramedReaderOptions.of(Framing.TFRECORD)
            .withMaxRecordSize((int) size)
            .maxRecordSize();
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}

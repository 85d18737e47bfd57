package io.disky.cli;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of a command that writes a record file. */
@Command
final class WriterSettings {
  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      converter = CompressionConverter.class,
      description = {
        "none; zstd (default) or zstd:LEVEL with a level of -131072 to 22 (default: 3);",
        "with --dialect=riegeli also snappy, and brotli or brotli:QUALITY with a quality of 0 to 11"
            + " (default: 6)."
      })
  private Compression compression = Compression.zstd();

  @Option(
      names = "--window-log",
      paramLabel = "N",
      description =
          "Let zstd or brotli look back 2^N bytes for repetitions; 10 to 31 for zstd (default: by"
              + " level and size), 10 to 30 for brotli (default: 22).")
  private @Nullable Integer windowLog;

  @Option(
      names = "--dialect",
      paramLabel = "DIALECT",
      converter = ConstantConverter.Dialects.class,
      description = {
        "disky (default): to be read by disky for Rust and pisky for Python;",
        "riegeli: to be read by Google's Riegeli for C++ and what follows its specification."
      })
  private @Nullable Dialect dialect;

  @Option(
      names = "--container",
      paramLabel = "CONTAINER",
      converter = ConstantConverter.Containers.class,
      description = {
        "records (default): chunk after chunk;",
        "array_record: to be read by Google's ArrayRecord, as Grain does; the dialect is riegeli."
      })
  private Container container = Container.RECORDS;

  @Option(
      names = "--group-size",
      paramLabel = "N",
      description =
          "With --container=array_record: how many records are compressed together, and decoded for"
              + " one of them (default: 1). --chunk-size changes nothing about it.")
  private @Nullable Integer groupSize;

  @Option(
      names = "--chunk-size",
      paramLabel = "SIZE",
      converter = ByteSize.ChunkSizeConverter.class,
      description =
          "The most that records, and 8 bytes more for each, take in a chunk; 1 byte to 1GiB"
              + " (default: 1MiB). A larger record is a chunk by itself; of more than 1GiB, it is read"
              + " by programs that allow that.")
  private long chunkSize = WriterOptions.DEFAULT_CHUNK_SIZE;

  @Option(
      names = "--transpose",
      description =
          "With --dialect=riegeli: store serialized protocol buffer messages field by field, which"
              + " compresses better.")
  private boolean transpose;

  @Option(
      names = "--bucket-fraction",
      paramLabel = "F",
      description =
          "With --transpose: how much of a chunk's fields are compressed together; 0.0, each by"
              + " itself, to 1.0 (default).")
  private @Nullable Double bucketFraction;

  @Option(
      names = "--padding",
      paramLabel = "SIZE",
      converter = ByteSize.PaddingConverter.class,
      description =
          "With --dialect=riegeli: fill the file up to a multiple of SIZE, before it is continued and"
              + " at its end; 1 byte (default: no padding) to 1GiB. Files padded to 64KiB can be"
              + " concatenated. With --container=array_record only 64KiB, and for each group; the file"
              + " ends at a multiple of it anyway.")
  private @Nullable Long padding;

  @Option(
      names = "--initial-padding",
      paramLabel = "SIZE",
      converter = ByteSize.PaddingConverter.class,
      description = "The same, only before the file is continued.")
  private @Nullable Long initialPadding;

  @Option(
      names = "--final-padding",
      paramLabel = "SIZE",
      converter = ByteSize.PaddingConverter.class,
      description = "The same, only at the end.")
  private @Nullable Long finalPadding;

  @Option(
      names = "--file-comment",
      paramLabel = "TEXT",
      description =
          "With --dialect=riegeli: file metadata that explain to people what OUT contains. Written if"
              + " OUT is new.")
  private @Nullable String fileComment;

  @Option(
      names = "--record-type-name",
      paramLabel = "NAME",
      description =
          "With --dialect=riegeli: file metadata with the full name of the records' protocol buffer"
              + " type. Written if OUT is new.")
  private @Nullable String recordTypeName;

  @Option(
      names = "--atomic",
      description =
          "Give OUT its name only when it is complete and on the disk; a crash leaves what was there"
              + " before. Not with --append.")
  private boolean atomic;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * The options of the writer, to create a new file.
   *
   * @throws ParameterException if one is out of range, or some do not go together
   */
  WriterOptions options() {
    try {
      return withMetadata(withPaddings(withContainer(compressed())));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private WriterOptions compressed() {
    return WriterOptions.defaults()
        .withCompression(windowLog == null ? compression : compression.withWindowLog(windowLog))
        .withChunkSize(chunkSize)
        .withTranspose(transpose)
        .withAtomicCreation(atomic)
        .withBucketFraction(bucketFraction());
  }

  private double bucketFraction() {
    if (bucketFraction == null) {
      return 1.0;
    }
    if (!transpose) {
      throw usage("--bucket-fraction is for --transpose");
    }
    return bucketFraction;
  }

  private WriterOptions withContainer(WriterOptions options) {
    boolean isArrayRecord = container == Container.ARRAY_RECORD;
    if (isArrayRecord && dialect == Dialect.DISKY) {
      throw usage("--container=array_record is of the dialect riegeli: leave out --dialect=disky");
    }
    if (groupSize != null && !isArrayRecord) {
      throw usage("--group-size is for --container=array_record");
    }
    WriterOptions result = options.withContainer(container);
    result = dialect == null ? result : result.withDialect(dialect);
    return groupSize == null ? result : result.withGroupSize(groupSize);
  }

  private WriterOptions withPaddings(WriterOptions options) {
    WriterOptions result = padding == null ? options : options.withPadding(padding);
    result = initialPadding == null ? result : result.withInitialPadding(initialPadding);
    return finalPadding == null ? result : result.withFinalPadding(finalPadding);
  }

  private WriterOptions withMetadata(WriterOptions options) {
    RecordsMetadata metadata = RecordsMetadata.empty();
    if (fileComment != null) {
      metadata = metadata.withFileComment(fileComment);
    }
    if (recordTypeName != null) {
      metadata = metadata.withRecordTypeName(recordTypeName);
    }
    return metadata.equals(RecordsMetadata.empty()) ? options : options.withMetadata(metadata);
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** Reads compressions. */
  static final class CompressionConverter implements ITypeConverter<Compression> {
    @Override
    public Compression convert(String text) {
      try {
        return Compression.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}

package io.disky.cli;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.util.Objects;
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
      names = {"-c", "--compression"},
      paramLabel = "CODEC",
      converter = CompressionConverter.class,
      description = {
        "none; zstd (default) or zstd:LEVEL with a level from -131072 to 22 (default: 3);",
        "with --dialect=riegeli also snappy, and brotli or brotli:QUALITY with a quality from 0 to"
            + " 11 (default: 6)."
      })
  private @Nullable Compression compression;

  @Option(
      names = "--window-log",
      paramLabel = "N",
      description =
          "Window size: zstd or brotli look for repetitions in the last 2^N bytes. N is 10 to 31"
              + " for zstd (default: depends on level and size), 10 to 30 for brotli (default:"
              + " 22).")
  private @Nullable Integer windowLog;

  @Option(
      names = "--dialect",
      paramLabel = "DIALECT",
      converter = ConstantConverter.Dialects.class,
      description = {
        "Layout of compressed chunks. disky (default): for readers such as disky for Rust and pisky"
            + " for Python;",
        "riegeli: for Google's Riegeli for C++ and all readers that follow its specification."
      })
  private @Nullable Dialect dialect;

  @Option(
      names = "--container",
      paramLabel = "CONTAINER",
      converter = ConstantConverter.Containers.class,
      description = {
        "records (default): chunks without an index;",
        "array_record: an ArrayRecord, with an index at its end, for Google's array_record and"
            + " Grain; the dialect is riegeli."
      })
  private @Nullable Container container;

  @Option(
      names = "--group-size",
      paramLabel = "N",
      description =
          "With --container=array_record: number of records that are compressed together (default:"
              + " 1). To return one of them, a reader decodes all of them. --chunk-size has no"
              + " effect on this.")
  private @Nullable Integer groupSize;

  @Option(
      names = "--chunk-size",
      paramLabel = "SIZE",
      converter = ByteSize.ChunkSizeConverter.class,
      description =
          "Largest total size of the records in a chunk, with 8 additional bytes for each record; 1"
              + " byte to 1GiB (default: 1MiB). A larger record is a chunk by itself; if it is"
              + " larger than 1GiB, only readers with a higher limit accept it.")
  private @Nullable Long chunkSize;

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
          "With --transpose: share of a chunk's fields that are compressed together, from 0.0 (each"
              + " field separately) to 1.0 (default).")
  private @Nullable Double bucketFraction;

  @Option(
      names = "--padding",
      paramLabel = "SIZE",
      converter = ByteSize.PaddingConverter.class,
      description =
          "With --dialect=riegeli: fill the file up to a multiple of SIZE before it is continued"
              + " and at its end; 1 byte (default: no padding) to 1GiB. Files padded to 64KiB can"
              + " be concatenated. With --container=array_record SIZE must be 64KiB, and each group"
              + " is padded; such a file ends at a multiple of 64KiB in any case.")
  private @Nullable Long padding;

  @Option(
      names = "--initial-padding",
      paramLabel = "SIZE",
      converter = ByteSize.PaddingConverter.class,
      description = "As --padding, but only before the file is continued.")
  private @Nullable Long initialPadding;

  @Option(
      names = "--final-padding",
      paramLabel = "SIZE",
      converter = ByteSize.PaddingConverter.class,
      description = "As --padding, but only at the end of the file.")
  private @Nullable Long finalPadding;

  @Option(
      names = "--file-comment",
      paramLabel = "TEXT",
      description =
          "With --dialect=riegeli: store TEXT, a description of the contents for people, in the"
              + " file metadata of OUT. Has no effect if OUT is continued.")
  private @Nullable String fileComment;

  @Option(
      names = "--record-type-name",
      paramLabel = "NAME",
      description =
          "With --dialect=riegeli: store NAME, the full name of the records' protocol buffer type,"
              + " in the file metadata of OUT. Has no effect if OUT is continued.")
  private @Nullable String recordTypeName;

  @Option(
      names = "--atomic",
      description =
          "Give OUT its name only when it is complete and on the disk. After a crash an earlier OUT"
              + " is unchanged. Not with --append.")
  private boolean atomic;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * The options of the writer for creating a new file.
   *
   * @throws ParameterException if an option is out of range, or options cannot be combined
   */
  WriterOptions options() {
    return options("");
  }

  /**
   * The options of the writer for creating the file called {@code name}. If its name ends with
   * {@code .riegeli}, {@code .arrayrecord} or {@code .array_record}, this decides about a dialect
   * or container for which there is no option.
   *
   * @throws ParameterException if an option is out of range, or options cannot be combined
   */
  WriterOptions options(String name) {
    return options(InputOptions.UNKNOWN, name);
  }

  /**
   * The options of the writer for creating a new file in the way in which {@code input} was
   * written, unless there are options that say otherwise.
   *
   * @throws ParameterException if an option is out of range, or options exclude each other
   */
  WriterOptions options(InputOptions input) {
    return options(dialect == Dialect.DISKY ? input.inDisky() : input, "");
  }

  private WriterOptions options(InputOptions input, String name) {
    try {
      WriterOptions options = withContainer(compressed(input), input, name);
      return withMetadata(withPaddings(withFinalPadding(options, input)));
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  /** Returns whether the option for the dialect is given and is DISKY. */
  boolean isDisky() {
    return dialect == Dialect.DISKY;
  }

  private WriterOptions compressed(InputOptions input) {
    Compression chosen = Objects.requireNonNullElseGet(compression, () -> compression(input));
    long inputChunkSize =
        Objects.requireNonNullElse(input.chunkSize(), WriterOptions.DEFAULT_CHUNK_SIZE);
    return WriterOptions.defaults()
        .withCompression(windowLog == null ? chosen : chosen.withWindowLog(windowLog))
        .withChunkSize(chunkSize == null ? inputChunkSize : chunkSize)
        .withTranspose(transpose || input.transposed())
        .withAtomicCreation(atomic)
        .withBucketFraction(bucketFraction(input));
  }

  private static Compression compression(InputOptions input) {
    return Objects.requireNonNullElse(input.compression(), Compression.zstd());
  }

  private double bucketFraction(InputOptions input) {
    if (bucketFraction == null) {
      return Objects.requireNonNullElse(input.bucketFraction(), 1.0);
    }
    if (!transpose && !input.transposed()) {
      throw usage("--bucket-fraction needs --transpose");
    }
    return bucketFraction;
  }

  private WriterOptions withContainer(WriterOptions options, InputOptions input, String name) {
    Container chosen = container == null ? container(input, name) : container;
    boolean isArrayRecord = chosen == Container.ARRAY_RECORD;
    if (isArrayRecord && dialect == Dialect.DISKY) {
      throw usage("--container=array_record needs the dialect riegeli; leave out --dialect=disky");
    }
    if (groupSize != null && !isArrayRecord) {
      throw usage("--group-size needs --container=array_record");
    }
    WriterOptions result = options.withContainer(chosen);
    Dialect wanted = dialect == null ? input.dialect() : dialect;
    if (wanted != null && !isArrayRecord) {
      result = result.withDialect(wanted);
    } else if (name.endsWith(".riegeli")) {
      result = result.withDialect(Dialect.RIEGELI);
    }
    Integer group = groupSize == null ? input.groupSize() : groupSize;
    return group == null ? result : result.withGroupSize(group);
  }

  private Container container(InputOptions input, String name) {
    return input.container() == null ? container(name) : input.container();
  }

  private Container container(String name) {
    boolean arrayRecord = name.endsWith(".arrayrecord") || name.endsWith(".array_record");
    return arrayRecord && dialect != Dialect.DISKY ? Container.ARRAY_RECORD : Container.RECORDS;
  }

  /** The padding of an ArrayRecord and that of other files have different meanings. */
  private static WriterOptions withFinalPadding(WriterOptions options, InputOptions input) {
    return input.finalPadding() == null || input.container() != options.container()
        ? options
        : options.withFinalPadding(input.finalPadding());
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

  /** Parses compressions. */
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

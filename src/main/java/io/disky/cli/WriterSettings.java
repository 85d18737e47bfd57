package io.disky.cli;

import io.disky.Compression;
import io.disky.Dialect;
import io.disky.OpenMode;
import io.disky.WriterOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of a command that writes a record file. */
@Command
final class WriterSettings {
  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      converter = CompressionConverter.class,
      description = {
        "none; zstd (default) or zstd:LEVEL with a level of 1 to 22 (default: 3);",
        "with --dialect=riegeli also snappy, and brotli or brotli:QUALITY with a quality of 0 to 11"
            + " (default: 6)."
      })
  private Compression compression = Compression.zstd();

  @Option(
      names = "--dialect",
      paramLabel = "DIALECT",
      converter = ConstantConverter.Dialects.class,
      description = {
        "disky (default): to be read by disky for Rust and pisky for Python;",
        "riegeli: to be read by Google's Riegeli for C++ and what follows its specification."
      })
  private Dialect dialect = Dialect.DISKY;

  @Option(
      names = "--chunk-size",
      paramLabel = "SIZE",
      converter = ByteSize.ChunkSizeConverter.class,
      description =
          "The most that records, and 8 bytes more for each, take in a chunk; 1 byte to 1GiB"
              + " (default: 1MiB). A larger record is a chunk by itself.")
  private long chunkSize = WriterOptions.DEFAULT_CHUNK_SIZE;

  @ArgGroup private @Nullable Existing existing;

  /** What is done about a file that exists. */
  static final class Existing {
    @Option(names = "--append", description = "Continue OUT, if it exists, after its last record.")
    private boolean append;

    @Option(names = "--force", description = "Overwrite OUT, if it exists.")
    private boolean force;

    private Existing() {}

    private OpenMode openMode() {
      if (force) {
        return OpenMode.OVERWRITE;
      }
      return append ? OpenMode.APPEND : OpenMode.CREATE_NEW;
    }
  }

  WriterOptions options() {
    return WriterOptions.defaults()
        .withOpenMode(existing == null ? OpenMode.CREATE_NEW : existing.openMode())
        .withCompression(compression)
        .withDialect(dialect)
        .withChunkSize(chunkSize);
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

package io.disky.cli;

import io.disky.ReaderOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option that limits the size of the chunks that a command reads. */
@Command
final class ChunkLimit {
  /** The largest chunk that a writer on this machine can gather, so that its files can be read. */
  private static final long DEFAULT =
      Math.max(ReaderOptions.DEFAULT_MAX_CHUNK_SIZE, Runtime.getRuntime().maxMemory());

  @Option(
      names = "--max-chunk-size",
      paramLabel = "SIZE",
      converter = ByteSize.ChunkLimitConverter.class,
      description =
          "Refuse a chunk if its records, with 8 additional bytes for each, take more than SIZE."
              + " Use a small SIZE such as 64MiB for files that you do not trust (default: 1GiB, or"
              + " the maximum heap size of the JVM if that is larger).")
  private long bytes = DEFAULT;

  /** {@code options} with this limit. */
  ReaderOptions on(ReaderOptions options) {
    return options.withMaxChunkSize(bytes);
  }
}

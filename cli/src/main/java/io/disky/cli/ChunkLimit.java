package io.disky.cli;

import io.disky.ReaderOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How large a chunk may be that a command reads. */
@Command
final class ChunkLimit {
  /** As much as a writer on this machine can gather for a chunk: what it writes is read. */
  private static final long DEFAULT =
      Math.max(ReaderOptions.DEFAULT_MAX_CHUNK_SIZE, Runtime.getRuntime().maxMemory());

  @Option(
      names = "--max-chunk-size",
      paramLabel = "SIZE",
      converter = ByteSize.ChunkLimitConverter.class,
      description =
          "Refuse a chunk whose records, with 8 bytes more for each, take more than SIZE, such as"
              + " 64MiB for files that are not to be trusted (default: 1GiB, or the maximum heap"
              + " size of the JVM if that is more).")
  private long bytes = DEFAULT;

  /** {@code options} with this limit. */
  ReaderOptions on(ReaderOptions options) {
    return options.withMaxChunkSize(bytes);
  }
}

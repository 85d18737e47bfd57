package io.disky.cli;

import io.disky.FileDescription;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Describes a record file. */
@Command(
    name = "describe",
    header = "Describes a file and its chunks.",
    description = {
      "",
      "Describes FILE, from its chunk headers, record sizes and file metadata: damage elsewhere goes"
          + " unnoticed ('disky digest' reads all)."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON object; sizes and offsets are in bytes:",
      "  file              FILE as given",
      "  fileSize          size of the file",
      "  container         records, or array_record for an ArrayRecord file",
      "  records           number of records",
      "  recordBytes       sum of the record sizes",
      "  encodedBytes      size of the data of the chunks that hold records",
      "  compressionRatio  recordBytes / fileSize",
      "  dialects          array of those that chunks show: disky, riegeli",
      "  chunksByCodec     for none, zstd, brotli, snappy, unknown: number of",
      "                    chunks",
      "  chunksByType      for signature, metadata, padding, simple, transposed,",
      "                    footer and postscript (the index of an ArrayRecord),",
      "                    unknown: number of chunks",
      "  recordSizes       object with smallest, largest, mean, and histogram: an",
      "                    array of objects with from, to and count, which say how",
      "                    many sizes lie between from and to, both included",
      "  chunkSizes        the same of the chunks that hold records, as they lie in",
      "                    the file",
      "  metadata          null, or an object with the file metadata: fileComment,",
      "                    recordTypeName, recordWriterOptions, numRecords (each",
      "                    null if it is not set), fileDescriptors (how many), and",
      "                    size",
      "  chunks            with --chunks: array of objects with begin and end,",
      "                    which are offsets, type, codec (null if the type has",
      "                    none), dialect (null if it shows none), records,",
      "                    recordBytes, encodedBytes",
      "What has no chunk is absent from chunksByCodec and chunksByType. Keys may be added."
    })
final class DescribeCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      paramLabel = "FILE",
      converter = FileArgument.Converter.class,
      description = "A record file; - is standard input.")
  private FileArgument file = FileArgument.STANDARD;

  @Option(names = "--chunks", description = "Describe each chunk, too.")
  private boolean chunks;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private ChunkLimit chunkLimit = new ChunkLimit();

  DescribeCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    RecordFile.use(file, streams, this::describe);
    return ExitCode.OK;
  }

  private void describe(RecordFile named) throws IOException {
    try (RecordReader reader = named.open(chunkLimit.on(ReaderOptions.defaults()))) {
      FileDescription description = reader.describe();
      FileReport report =
          json ? new JsonFileReport(streams.out()) : new TextFileReport(streams.out());
      report.begin(named.name(), description);
      if (chunks) {
        report.addChunks(reader);
      }
      report.end();
    }
  }
}

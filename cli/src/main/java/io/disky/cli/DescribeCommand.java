package io.disky.cli;

import io.disky.FileDescription;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Describes a record file. */
@Command(
    name = "describe",
    header = "Describes files and their chunks.",
    description = {
      "",
      "Describes each FILE. Reads only chunk headers, record sizes and file metadata, so it does not"
          + " detect damage elsewhere ('disky digest' reads all bytes)."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON objects; sizes and offsets are in bytes:",
      "  file              the FILE",
      "  fileSize          size of the file",
      "  container         records, or array_record for an ArrayRecord file",
      "  lacksIndex        whether it is an ArrayRecord without its index: a part of the",
      "                    index or the FILE's name (.array_record, .arrayrecord) shows",
      "                    that it is one",
      "  records           number of records",
      "  recordBytes       sum of the record sizes",
      "  encodedBytes      size of the data of the chunks that contain records",
      "  compressionRatio  recordBytes / fileSize",
      "  dialects          array of the dialects of the compressed chunks: disky,",
      "                    riegeli",
      "  chunksByCodec     object: for each of none, zstd, brotli, snappy and",
      "                    unknown the number of chunks",
      "  chunksByType      object: for each of signature, metadata, padding, simple,",
      "                    transposed, footer and postscript (the index of an",
      "                    ArrayRecord) and unknown the number of chunks",
      "  recordSizes       object with smallest, largest, mean and histogram. The",
      "                    histogram is an array of objects with from, to and",
      "                    count: count sizes lie between from and to, both",
      "                    included",
      "  chunkSizes        the same for the sizes in the file of the chunks that",
      "                    contain records",
      "  metadata          null, or an object with the file metadata: fileComment,",
      "                    recordTypeName, recordWriterOptions and numRecords (each",
      "                    null if it is not set), fields (array of objects with",
      "                    number, name and type, the fields of the record type;",
      "                    empty if the metadata do not describe them),",
      "                    fileDescriptors (their number) and size",
      "  chunks            with --chunks: array of objects with begin and end",
      "                    (offsets), type, codec (null if the type has none),",
      "                    dialect (null if the chunk does not show it), records,",
      "                    recordBytes and encodedBytes",
      "chunksByCodec and chunksByType omit entries with 0 chunks. Later versions may add",
      "keys."
    })
final class DescribeCommand implements FilesCommand {
  private final StandardStreams streams;
  private boolean described;

  @Option(names = "--chunks", description = "Also describe each chunk.")
  private boolean chunks;

  @Option(names = "--json", description = "Print a JSON object for each FILE.")
  private boolean json;

  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private RecordFiles files = new RecordFiles();

  DescribeCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    return files.eachFile("describe", streams, this::describe);
  }

  private void describe(RecordFile named, FilesProgress.Part progress) throws IOException {
    ReaderOptions options = progress.on(readSettings.on(ReaderOptions.defaults()));
    try (RecordReader reader = named.open(options)) {
      FileDescription description = reader.describe();
      progress.aside(() -> print(named.name(), description, reader));
    }
  }

  private void print(String name, FileDescription description, RecordReader reader)
      throws IOException {
    if (described && !json) {
      streams.out().print("\n");
    }
    described = true;
    FileReport report =
        json ? new JsonFileReport(streams.out()) : new TextFileReport(streams.out());
    report.begin(name, description);
    if (chunks) {
      report.addChunks(reader);
    }
    report.end();
  }
}

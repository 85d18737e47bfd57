package io.disky.cli;

import io.disky.FileDescription;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.files.FileFailures;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Describes all files of a data set together. */
@Command(
    name = "stats",
    header = "Describes the records of all files together.",
    description = {
      "",
      "Prints the number of records, the sizes of records and chunks with histograms, and the"
          + " compression of all FILEs together. A line of a histogram stands for the sizes from a"
          + " power of two up to the next one. Reads only chunk headers and record sizes, so it"
          + " does not detect damage elsewhere ('disky digest' reads all bytes). A FILE that cannot be"
          + " read is left out, with a message and exit status 1; the line 'files' then says N of M."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON object; sizes are in bytes:",
      "  files             number of files that were read",
      "  filesLeftOut      number of files that could not be read",
      "  fileSize          sum of the sizes of the files",
      "  records           number of records",
      "  recordBytes       sum of the record sizes",
      "  encodedBytes      size of the data of the chunks that contain records",
      "  compressionRatio  recordBytes / fileSize",
      "  recordsPerChunk   mean number of records in a chunk that contains records",
      "  chunksByCodec     object: for each of none, zstd, brotli, snappy and",
      "                    unknown the number of chunks that contain records; it",
      "                    omits entries with 0 chunks",
      "  recordSizes       object with smallest, largest, mean and histogram. The",
      "                    histogram is an array of objects with from, to and",
      "                    count: count sizes lie between from and to, both",
      "                    included",
      "  chunkSizes        the same for the sizes in the file of the chunks that",
      "                    contain records",
      "Later versions may add keys."
    })
final class StatsCommand implements FilesCommand {
  private final StandardStreams streams;
  private final DataSetStatistics statistics = new DataSetStatistics();

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Option(
      names = "--svg",
      paramLabel = "IMAGE",
      converter = FileArgument.Converter.class,
      description =
          "Also draw the histograms into the file IMAGE, in the format SVG. Without --force, IMAGE"
              + " must not exist.")
  private @Nullable FileArgument svg;

  @Option(
      names = {"-f", "--force"},
      description = "Overwrite IMAGE, if it exists.")
  private boolean force;

  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();
  @Spec private CommandSpec spec;

  StatsCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    checkImage();
    int status =
        files.each(
            "stats",
            threads.count(),
            streams,
            this::describe,
            (name, file) -> statistics.add(file));
    if (statistics.files() == 0) {
      return status;
    }
    if (svg != null) {
      draw(svg.path());
    }
    streams.out().print(json ? asJson() : asText());
    return status;
  }

  private void checkImage() throws IOException {
    if (svg == null) {
      if (force) {
        throw new ParameterException(spec.commandLine(), "--force needs --svg");
      }
      return;
    }
    if (svg.isStandard()) {
      throw new ParameterException(spec.commandLine(), "--svg needs a file, not standard output");
    }
    if (!force && Files.exists(svg.path())) {
      throw exists(svg.path());
    }
    FileIdentity image = FileIdentity.of(svg.path());
    if (image == null) {
      return;
    }
    for (FileArgument argument : files.arguments()) {
      if (argument.address() != null) {
        continue;
      }
      for (FileArgument file : filesOf(argument)) {
        if (image.equals(streams.identity(file))) {
          throw new ParameterException(
              spec.commandLine(), file.title() + " is both IMAGE and a FILE");
        }
      }
    }
  }

  /** The files of an argument, without messages, because those come when the files are read. */
  private static List<FileArgument> filesOf(FileArgument argument) {
    try {
      return argument.files(new PrintStream(OutputStream.nullOutputStream()));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static FileAlreadyExistsException exists(Path image) {
    return FileFailures.alreadyExists(image, "exists already; --force overwrites it");
  }

  private FileDescription describe(RecordFile file, FilesProgress.Part progress)
      throws IOException {
    ReaderOptions options = progress.on(readSettings.on(ReaderOptions.defaults()));
    try (RecordReader reader = file.open(options)) {
      return reader.describe();
    }
  }

  private void draw(Path image) throws IOException {
    SizesSvg drawing = new SizesSvg();
    drawing.add("Sizes of records", statistics.recordSizes());
    drawing.add("Sizes of chunks in the file", statistics.chunkSizes());
    byte[] bytes = drawing.image().getBytes(StandardCharsets.UTF_8);
    // A signal ends the process only after the image, which is small, is written completely.
    Path written =
        streams.unfinished().create(() -> FileFailures.quoting(() -> write(image, bytes)));
    assert written.equals(image);
  }

  /**
   * Writes the image under another name first, so that a failure leaves an earlier one as it is.
   */
  private Path write(Path image, byte[] bytes) throws IOException {
    String name = "." + image.getFileName() + "." + System.nanoTime() + ".tmp";
    Path temporary = image.resolveSibling(name);
    try {
      Files.write(temporary, bytes, StandardOpenOption.CREATE_NEW);
      return force
          ? Files.move(temporary, image, StandardCopyOption.ATOMIC_MOVE)
          : Files.move(temporary, image);
    } catch (FileAlreadyExistsException e) {
      throw exists(image);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private String asText() {
    StringJoiner codecs = new StringJoiner(", ").setEmptyValue("-");
    statistics.chunksByCodec().keySet().forEach(codecs::add);
    return line("files", readFiles())
        + line("size", number(statistics.fileSize()) + " bytes")
        + line("records", number(statistics.records()))
        + line("record bytes", number(statistics.recordBytes()))
        + line("encoded bytes", number(statistics.encodedBytes()))
        + line("ratio", String.format(Locale.ROOT, "%.2f", statistics.compressionRatio()))
        + line("compression", codecs.toString())
        + line(
            "chunks",
            String.format(
                Locale.ROOT,
                "%,d with %,.1f records on average",
                statistics.chunkSizes().count(),
                statistics.recordsPerChunk()))
        + line("chunk sizes", SizesText.summary(statistics.chunkSizes()))
        + SizesText.histogram(statistics.chunkSizes())
        + line("record sizes", SizesText.summary(statistics.recordSizes()))
        + SizesText.histogram(statistics.recordSizes());
  }

  /** How many files were read, of how many if some were not. */
  private String readFiles() {
    String read = number(statistics.files());
    return leftOut() == 0 ? read : read + " of " + number(files.examined());
  }

  private long leftOut() {
    return files.examined() - statistics.files();
  }

  private static String line(String label, String value) {
    return String.format(Locale.ROOT, "%-15s%s\n", label, value);
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private String asJson() {
    Json object = new Json().beginObject();
    object.name("files").value(statistics.files());
    object.name("filesLeftOut").value(leftOut());
    object.name("fileSize").value(statistics.fileSize());
    object.name("records").value(statistics.records());
    object.name("recordBytes").value(statistics.recordBytes());
    object.name("encodedBytes").value(statistics.encodedBytes());
    object.name("compressionRatio").value(statistics.compressionRatio());
    object.name("recordsPerChunk").value(statistics.recordsPerChunk());
    object.name("chunksByCodec").beginObject();
    for (Map.Entry<String, Long> codec : statistics.chunksByCodec().entrySet()) {
      object.name(codec.getKey()).value(codec.getValue());
    }
    object.endObject();
    SizesJson.add(object, "recordSizes", statistics.recordSizes());
    SizesJson.add(object, "chunkSizes", statistics.chunkSizes());
    return object.endObject().take() + "\n";
  }
}

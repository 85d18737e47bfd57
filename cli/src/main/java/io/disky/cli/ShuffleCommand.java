package io.disky.cli;

import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.WriterOptions;
import io.disky.loader.RecordShuffleOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the records of files in a shuffled order. */
@Command(
    name = "shuffle",
    header = "Writes the records of files to a new file in a shuffled order.",
    description = {
      "",
      "Each record of all INs is written once. The order depends only on SEED and the number of"
          + " records. It is the order in which a loader with this seed and a global shuffle"
          + " delivers the records of the INs in its epoch 0.",
      "Writes one file. For several shuffled shards, split OUT with 'disky split', whose shards"
          + " have the records in the order of OUT.",
      "Records that take at most half of the memory are shuffled in memory, with 16 additional"
          + " bytes for each record. Others are first distributed over a temporary file, which"
          + " takes the size of the records before compression, at most 8 bytes more for each record, and"
          + " up to half of the memory. The temporary file disappears when the command ends,"
          + " however that happens.",
      "OUT gets its name only when it is complete and on the disk; if the command fails, or a"
          + " signal ends it, an earlier OUT stays unchanged. Without --force, OUT must not exist."
          + " The file metadata of the first IN are copied, as 'disky convert' does."
    },
    sortOptions = false)
final class ShuffleCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      paramLabel = "IN... OUT",
      hideParamSyntax = true,
      arity = "2..*",
      converter = FileArgument.Converter.class,
      description =
          "The record files to read, and last the record file to write; - is standard input or"
              + " output. An IN can also be a directory or a pattern, which stands for several"
              + " record files, in the order of the numbers at the end of their names, after"
              + " those that do not end with a digit.")
  private List<FileArgument> files = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "A whole number that decides the order (default: 0).")
  private long seed;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = ByteSize.ShuffleMemoryConverter.class,
      description =
          "Gather records in at most SIZE of memory, at least 1MiB (default: 256MiB). A record"
              + " larger than an eighth of SIZE, and the chunks that are read and written, take"
              + " memory in addition. The result does not depend on SIZE.")
  private long memory = RecordShuffleOptions.DEFAULT_MEMORY;

  @Option(
      names = "--temporary-directory",
      paramLabel = "DIRECTORY",
      description =
          "Create the temporary file in DIRECTORY (default: the directory of OUT; for standard"
              + " output that of other temporary files).")
  private @Nullable Path temporaryDirectory;

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(
      names = {"-f", "--force"},
      description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Mixin private MetadataSettings metadata = new MetadataSettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Spec private CommandSpec spec;

  ShuffleCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options =
        settings
            .options()
            .withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW)
            .withAtomicCreation(!out().isStandard())
            .withParallelism(threads.count());
    List<FileArgument> inputs = RecordFiles.all(files.subList(0, files.size() - 1), streams);
    output(options).checkInputs(inputs);
    RecordFile.useAll(inputs, streams, all -> shuffle(inputs.getFirst(), all, options));
    return ExitCode.OK;
  }

  private FileArgument out() {
    return files.getLast();
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(out(), options, streams, spec.commandLine());
  }

  private void shuffle(FileArgument first, List<RecordFile> all, WriterOptions options)
      throws IOException {
    ReaderOptions reading =
        readSettings.on(ReaderOptions.defaults()).withParallelism(threads.countForReading());
    WriterOptions complete;
    try (RecordReader reader = all.getFirst().open(reading)) {
      complete = metadata.copy(reader, first, options, streams.err());
    }
    RecordShuffleOptions shuffling =
        RecordShuffleOptions.defaults()
            .withSeed(seed)
            .withMemory(memory)
            .withReaderOptions(reading)
            .withTemporaryDirectory(directory());
    output(complete)
        .write("shuffle", new ShuffledRecords(RecordFile.shards(all), shuffling, streams));
  }

  private Path directory() {
    if (temporaryDirectory != null) {
      return temporaryDirectory;
    }
    Path parent =
        out().isStandard() || out().address() != null
            ? null
            : out().path().toAbsolutePath().getParent();
    return parent == null ? Path.of(System.getProperty("java.io.tmpdir")) : parent;
  }
}

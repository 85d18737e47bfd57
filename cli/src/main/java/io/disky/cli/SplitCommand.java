package io.disky.cli;

import io.disky.MultiThreadedWriterOptions;
import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Splits record files into shards with equal numbers of records. */
@Command(
    name = "split",
    header = "Splits files into shards with equal numbers of records.",
    description = {
      "",
      "Writes the records of all INs, in order, to N files (shards) in DIRECTORY, which is created if it does not"
          + " exist. The numbers of records in the shards differ by at most one.",
      "The shards are called NAME_0, NAME_1 and so on. Without --force, DIRECTORY must not contain"
          + " shards of this NAME. If the command fails, or a signal ends it, it removes the shards"
          + " that it has begun. The file metadata of the first IN are copied, as 'disky convert' does."
    },
    sortOptions = false)
final class SplitCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      paramLabel = "IN",
      arity = "1..*",
      converter = FileArgument.Converter.class,
      description =
          "A record file to read; - is standard input. A directory or a pattern stands for several"
              + " record files.")
  private List<FileArgument> files = new ArrayList<>();

  @Option(
      names = {"-n", "--shards"},
      required = true,
      paramLabel = "N",
      converter = ShardSettings.NumberConverter.class,
      description = "Number of shards, 1 to 65536.")
  private int shards;

  @Option(
      names = {"-o", "--output-directory"},
      paramLabel = "DIRECTORY",
      converter = FileArgument.Converter.class,
      description = "Write the shards to DIRECTORY (default: the current directory).")
  private FileArgument directory = FileArgument.of(".");

  @Option(
      names = "--prefix",
      paramLabel = "NAME",
      description = "Call the shards NAME_0, NAME_1 and so on (default: shard).")
  private String prefix = MultiThreadedWriterOptions.DEFAULT_PREFIX;

  @ArgGroup private @Nullable Way way;

  /** Which record goes to which shard. */
  static final class Way {
    @Option(
        names = "--contiguous",
        description = "Write neighbouring records to the same shard (default).")
    private boolean contiguous;

    @Option(
        names = "--round-robin",
        description =
            "Write record 0 to shard 0, record 1 to shard 1, and so on, in turns. All shards are"
                + " open at the same time, and each takes memory for a chunk.")
    private boolean roundRobin;

    private Way() {}

    private boolean isRoundRobin() {
      return roundRobin && !contiguous;
    }
  }

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(
      names = {"-f", "--force"},
      description =
          "Remove existing shards first: the files in DIRECTORY whose names are NAME, an underscore"
              + " and digits, and no others.")
  private boolean force;

  @Mixin private MetadataSettings metadata = new MetadataSettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Spec private CommandSpec spec;

  SplitCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options =
        settings.options().withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW);
    ShardOutput output = output(options);
    List<FileArgument> inputs = RecordFiles.all(files, streams);
    List<FileArgument> all = new ArrayList<>(inputs);
    all.addAll(files);
    output.checkInputs(all);
    RecordFile.useAll(inputs, streams, read -> split(inputs.getFirst(), read, options));
    return ExitCode.OK;
  }

  private ShardOutput output(WriterOptions options) {
    MultiThreadedWriterOptions all =
        MultiThreadedWriterOptions.defaults().withNumShards(shards).withPrefix(prefix);
    return ShardOutput.of(directory, all, options, 0, streams, spec.commandLine());
  }

  private void split(FileArgument first, List<RecordFile> all, WriterOptions options)
      throws IOException {
    ReaderOptions reading =
        readSettings.on(ReaderOptions.defaults()).withParallelism(threads.countForReading());
    long records = count(all);
    try (RecordReader reader = all.getFirst().open(reading)) {
      ConvertedRecords input =
          new ConvertedRecords(reader, all.subList(1, all.size()), name -> reading);
      WriterOptions complete = metadata.copy(reader, first, options, streams.err());
      try (Progress progress = new Progress("split", input.size(), streams.err())) {
        output(complete)
            .begin(begun -> {
              if (force) {
                begun.clear();
              }
              WriterOptions each = complete.withOpenMode(OpenMode.CREATE_NEW);
              try (SplitRecords output = records(begun, each, records)) {
                input.forEach(output::take, progress);
                output.end();
              }
            });
      }
    }
  }

  private long count(List<RecordFile> all) throws IOException {
    long records = 0;
    for (RecordFile file : all) {
      try (RecordReader reader = file.open(readSettings.on(ReaderOptions.defaults()))) {
        records += reader.recordCount();
      }
    }
    return records;
  }

  private SplitRecords records(BegunShards begun, WriterOptions options, long records) {
    return way != null && way.isRoundRobin()
        ? new SplitRecords.RoundRobin(begun, options, shards)
        : new SplitRecords.Contiguous(
            begun, options.withParallelism(threads.count()), records, shards);
  }
}

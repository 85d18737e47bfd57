package io.disky.cli;

import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.WriterOptions;
import io.disky.formats.Framing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies the records of files to a new file, also from and to other formats. */
@Command(
    name = "convert",
    header = "Copies the records of files to a new file, for example with other compression.",
    description = {
      "",
      "Reads and writes record files (Disky, Riegeli, ArrayRecord), TFRecord files, and files whose"
          + " records follow their lengths; reads bagz files. The options and the name of OUT, not"
          + " the properties of the INs, decide how OUT is written: if its name ends with .riegeli,"
          + " the default of --dialect is riegeli, and if it ends with .arrayrecord or"
          + " .array_record, the default of --container is array_record. The records and their order"
          + " stay the same. The threads decode the INs and encode OUT.",
      "The file metadata of the first IN are copied if it is a record file, unless an option sets"
          + " others. Files in the dialect disky cannot contain file metadata; for them the metadata"
          + " are left out, with a warning. Other formats have no metadata.",
      "Without --force, OUT must not exist. If the command fails, or a signal ends it, it removes"
          + " OUT; with --atomic, and if OUT is not a record file, an earlier OUT stays unchanged."
          + " With --shards the same applies to the shards called NAME in OUT, and --force removes"
          + " them first.",
      "If an IN is damaged, the command fails, unless --recover is given. Files without checksums do"
          + " not show all damage."
    },
    sortOptions = false)
final class ConvertCommand implements Callable<Integer> {
  /** The options that are valid if OUT is not a record file. */
  private static final Set<String> OPTIONS_FOR_ANY_OUTPUT =
      Set.of(
          "--from",
          "--from-compression",
          "--to",
          "--to-compression",
          "--max-record-size",
          "--force",
          "--atomic",
          "--recover",
          "--no-scan",
          "--no-metadata",
          "--max-chunk-size",
          "--threads",
          "--count");

  private final StandardStreams streams;

  @Parameters(
      paramLabel = "IN... OUT",
      hideParamSyntax = true,
      arity = "2..*",
      converter = FileArgument.Converter.class,
      description =
          "The files to read, and last the file to write; - is standard input or output. An IN can"
              + " also be a directory or a pattern, which stands for several files, in the order of"
              + " the numbers at the end of their names, after"
              + " those that do not end with a digit.")
  private List<FileArgument> files = new ArrayList<>();

  @Mixin private FormatSettings formats = new FormatSettings();
  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(
      names = {"-f", "--force"},
      description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Option(
      names = "--count",
      description = "Print the number of records and their total size to standard error.")
  private boolean count;

  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private MetadataSettings metadata = new MetadataSettings();
  @Mixin private ShardSettings shards = new ShardSettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Spec private CommandSpec spec;

  ConvertCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    List<FileArgument> arguments = files.subList(0, files.size() - 1);
    Framing framing = formats.framing(out());
    if (framing != null) {
      checkOptions();
    }
    WriterOptions options =
        settings
            .options(framing == null ? out().name() : "")
            .withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW)
            .withParallelism(threads.count());
    List<FileArgument> inputs = RecordFiles.all(arguments, streams);
    checkInputs(arguments, inputs, options);
    RecordFile.useAll(inputs, streams, all -> convert(inputs, all, framing, options));
    return ExitCode.OK;
  }

  private FileArgument out() {
    return files.getLast();
  }

  private void checkOptions() {
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (!OPTIONS_FOR_ANY_OUTPUT.contains(option.longestName())) {
        throw usage(option.longestName() + " needs an OUT that is a record file (--to=records)");
      }
    }
  }

  /** Checks that no input is an output, before OUT is changed. */
  private void checkInputs(
      List<FileArgument> arguments, List<FileArgument> inputs, WriterOptions options)
      throws IOException {
    if (shards.areAskedFor()) {
      List<FileArgument> all = new ArrayList<>(inputs);
      all.addAll(arguments);
      shardOutput(options).checkInputs(all);
      return;
    }
    output(options).checkInputs(inputs);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void convert(
      List<FileArgument> inputs,
      List<RecordFile> all,
      @Nullable Framing framing,
      WriterOptions options)
      throws IOException {
    boolean recordFiles =
        inputs.stream().allMatch(input -> formats.of(input) == FileFormat.RECORDS);
    if (recordFiles) {
      convertRecordFiles(inputs.getFirst(), all, framing, options);
      return;
    }
    List<ConvertedInput> converted = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      converted.add(input(inputs.get(i), all.get(i).path()));
    }
    ConvertedInputs records = new ConvertedInputs(converted, threads.count(), streams.err());
    Path first = all.getFirst().path();
    write(records, framing, withMetadata(inputs.getFirst(), first, framing, options));
  }

  private ConvertedInput input(FileArgument argument, Path path) {
    FileFormat format = formats.of(argument);
    Framing framing = format.framing();
    if (framing != null) {
      return new FramedInput(path, formats.reading(argument, framing), recovery.recovers());
    }
    return switch (format) {
      case BAG -> new BagInput(path, false, formats.maxRecordSize(), recovery.recovers());
      case BAGZ -> new BagInput(path, true, formats.maxRecordSize(), recovery.recovers());
      default -> new RecordsInput(path, messages -> reading(path, messages));
    };
  }

  private ReaderOptions reading(Path path, Consumer<String> messages) {
    return readSettings.on(recovery.options(path.toString(), messages));
  }

  /** Adds the file metadata of the first input to {@code options}, if it is a record file. */
  private WriterOptions withMetadata(
      FileArgument first, Path path, @Nullable Framing framing, WriterOptions options)
      throws IOException {
    if (formats.of(first) != FileFormat.RECORDS) {
      return options;
    }
    try (RecordReader reader = RecordReader.open(path, readSettings.on(ReaderOptions.defaults()))) {
      return withMetadata(reader, first, framing, options);
    }
  }

  private WriterOptions withMetadata(
      RecordReader reader, FileArgument first, @Nullable Framing framing, WriterOptions options)
      throws IOException {
    return framing == null
        ? metadata.copy(reader, first, options, streams.err())
        : options; // files in other formats have no place for metadata
  }

  private void convertRecordFiles(
      FileArgument first, List<RecordFile> all, @Nullable Framing framing, WriterOptions options)
      throws IOException {
    Function<String, ReaderOptions> reading =
        name ->
            readSettings
                .on(recovery.options(name, streams.err()))
                .withParallelism(threads.countForReading());
    RecordFile start = all.getFirst();
    try (RecordReader reader = start.open(reading.apply(start.readName()))) {
      ConvertedRecords records = new ConvertedRecords(reader, all.subList(1, all.size()), reading);
      write(records, framing, withMetadata(reader, first, framing, options));
    }
  }

  private void write(RecordsToWrite records, @Nullable Framing framing, WriterOptions options)
      throws IOException {
    CountedRecords counted = new CountedRecords(records);
    if (framing != null) {
      new FramedOutputFile(out(), framing, formats.compression(out()), force, streams)
          .write("convert", counted);
    } else if (shards.areAskedFor()) {
      shardOutput(options).write("convert", counted);
    } else {
      output(options).write("convert", counted);
    }
    if (count) {
      Failure.print(counted.text(), streams.err());
    }
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(out(), options, streams, spec.commandLine());
  }

  private ShardOutput shardOutput(WriterOptions options) {
    return ShardOutput.of(
        out(), shards.options(), options, threads.count(), streams, spec.commandLine());
  }
}

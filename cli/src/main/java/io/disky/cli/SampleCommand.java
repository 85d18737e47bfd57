package io.disky.cli;

import io.disky.OpenMode;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.WriterOptions;
import io.disky.loader.ShuffledOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints or writes records that are chosen at random. */
@Command(
    name = "sample",
    header = "Prints or writes records that are chosen at random.",
    description = {
      "",
      "Chooses COUNT different records of all FILEs together; each choice of COUNT records is"
          + " equally likely. Prints them in the order of the FILEs, or writes them to OUT. Reads"
          + " only the chunks that contain chosen records.",
      "The choice depends only on SEED and the number of records: the same command chooses the same"
          + " records, and a larger COUNT adds records. They are the records with which the output"
          + " of 'disky shuffle --seed SEED' begins."
    },
    sortOptions = false)
final class SampleCommand implements Callable<Integer> {
  /** The options that are not about OUT. */
  private static final Set<String> OPTIONS_WITHOUT_OUTPUT =
      Set.of(
          "--count",
          "--fraction",
          "--seed",
          "--fields",
          "--format",
          "--descriptors",
          "--type",
          "--max-chunk-size",
          "--cache",
          "--cache-size",
          "--index-directory",
          "--threads");

  private final StandardStreams streams;

  @ArgGroup(multiplicity = "1")
  private Size size = new Size();

  /** How many records to choose. */
  static final class Size {
    @Option(
        names = {"-n", "--count"},
        paramLabel = "COUNT",
        description = "Choose COUNT records. There must be as many.")
    private @Nullable Long count;

    @Option(
        names = "--fraction",
        paramLabel = "F",
        description =
            "Choose this share of the records, from 0.0 to 1.0; the number is rounded to the"
                + " nearest.")
    private @Nullable Double fraction;

    private Size() {}
  }

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "A whole number that decides the choice (default: 0).")
  private long seed;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      converter = FileArgument.Converter.class,
      description =
          "Write the records to the record file OUT instead of printing them; - is standard output."
              + " Without --force, OUT must not exist. The following options are for OUT.")
  private @Nullable FileArgument output;

  @Option(
      names = {"-f", "--force"},
      description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Mixin private WriterSettings settings = new WriterSettings();
  @Mixin private PrintSettings printing = new PrintSettings();
  @Mixin private FieldSettings fields = new FieldSettings();
  @Mixin private IndexSettings indexes = new IndexSettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();
  @Spec private CommandSpec spec;

  SampleCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    checkOptions();
    RecordOutput out = output == null ? null : recordOutput(output);
    List<FileArgument> inputs = files.all(streams);
    for (FileArgument input : inputs) {
      if (out != null && out.isSameAs(input)) {
        throw usage(input.title() + " is both OUT and a FILE");
      }
    }
    RecordFile.useAll(inputs, streams, all -> sample(all, out));
    return ExitCode.OK;
  }

  private void checkOptions() {
    if (size.count != null && size.count < 0) {
      throw usage("--count is negative: " + size.count);
    }
    if (size.fraction != null && (size.fraction < 0 || size.fraction > 1)) {
      throw usage("--fraction is outside 0.0 to 1.0: " + size.fraction);
    }
    if (output != null && printing.areGiven()) {
      throw usage("--format is for records that are printed, not for --output");
    }
    if (output == null) {
      for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
        if (!OPTIONS_WITHOUT_OUTPUT.contains(option.longestName())) {
          throw usage(option.longestName() + " needs --output");
        }
      }
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private RecordOutput recordOutput(FileArgument file) {
    WriterOptions options =
        settings
            .options()
            .withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW)
            .withParallelism(threads.count());
    return new RecordOutput(file, options, streams, spec.commandLine());
  }

  private void sample(List<RecordFile> all, @Nullable RecordOutput out) throws IOException {
    RandomAccessOptions options =
        indexes
            .on(RandomAccessOptions.defaults())
            .withParallelism(threads.countForReading())
            .withReaderOptions(fields.on(readSettings.on(ReaderOptions.defaults())));
    try (RandomAccessReader reader = RecordFile.open(all, options)) {
      long count = count(reader.recordCount());
      SampledNumbers numbers =
          new SampledNumbers(
              ShuffledOrder.of(reader.recordCount(), seed), count, SampledNumbers.MAX_SORTED);
      if (out == null) {
        print(
            reader,
            printing.of(all.getFirst(), readSettings.on(ReaderOptions.defaults()), streams.out()),
            numbers);
      } else {
        out.write(
            "sample",
            (sink, progress) ->
                forEach(
                    reader,
                    numbers,
                    record -> {
                      sink.write(record);
                      progress.stepBy(record.byteSize());
                    }));
      }
    }
  }

  private long count(long all) throws IOException {
    if (size.fraction != null) {
      return BigDecimal.valueOf(size.fraction)
          .multiply(BigDecimal.valueOf(all))
          .setScale(0, RoundingMode.HALF_UP)
          .longValueExact();
    }
    long count = size.count == null ? 0 : size.count;
    if (count > all) {
      throw new IOException("cannot choose " + count + " records: the number of records is " + all);
    }
    return count;
  }

  private void print(RandomAccessReader reader, RecordPrinter printer, SampledNumbers numbers)
      throws IOException {
    OutputBuffer buffer = new OutputBuffer(streams.out());
    try {
      forEach(reader, numbers, record -> printer.print(record, 0, record.byteSize(), buffer));
    } finally {
      buffer.flush();
    }
  }

  private static void forEach(
      RandomAccessReader reader, SampledNumbers numbers, ConvertedRecords.Taker taker)
      throws IOException {
    for (long[] group = numbers.next(); group.length > 0; group = numbers.next()) {
      reader.visitAll(group, (number, record) -> taker.take(record));
    }
  }
}

package io.disky.cli;

import io.disky.RandomAccessOptions;
import io.disky.ReaderOptions;
import io.disky.loader.BatchSize;
import io.disky.loader.LoadPlan;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.loader.Remainder;
import io.disky.loader.Shuffle;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Prints what an epoch of a loader costs. */
@Command(
    name = "plan",
    header = "Prints what it costs to load the records of files in an order.",
    description = {
      "",
      "Prints what a loader with these options does in an epoch over all FILEs together. Options"
          + " that are left out have the loader's defaults. Reads only the index of each FILE, or"
          + " its chunk headers. The numbers of steps, records and chunks are exact. Numbers after"
          + " 'about' are estimates, which assume that all chunks have the same size.",
      "",
      "Lines of the output:",
      "  steps             number of steps, the same for all ranks",
      "  records           number of records, and how many are dropped or come twice",
      "  chunks            number of chunks, and how often all ranks together decode them",
      "  mixing distance   how far apart in the epoch two records are that are neighbours in a"
          + " FILE; a third of the records is a complete shuffle",
      "  memory of a rank  for 4 batches, for decoded chunks, and for the index of the chunks",
      "  resume            what a rank decodes again when it continues from a saved state",
      "  warning           a property of the plan that is probably not wanted, with remedies"
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON object:",
      "  steps              number of steps; null if the epoch has no end",
      "  records            number of records of the epoch; null if it has no end",
      "  dropped            records left out at the end",
      "  padded             records that come a second time, to fill the last step",
      "  chunks             number of chunks",
      "  expectedDecodes    how many chunks each rank decodes",
      "  readAmplification  expectedDecodes / the chunks of a rank",
      "  remoteRequests     requests to remote files, by all ranks together",
      "  remoteBytes        bytes that these requests ask for",
      "  remoteAmplification  remoteBytes / the bytes of the records from remote files;",
      "                     1 if no file is remote",
      "  mixingDistance     distance in the epoch of neighbouring records",
      "  expectedMemory     bytes of memory",
      "  resumeBytes        bytes that are read again to resume",
      "  warnings           array of texts"
    })
final class PlanCommand implements Callable<Integer> {
  private static final LoaderOptions DEFAULTS = LoaderOptions.defaults();

  private final StandardStreams streams;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "Number of records of a step, for all ranks together; at least 1 (default: 256).")
  private int batchSize = Math.toIntExact(DEFAULTS.batchSize().most());

  @Option(
      names = "--world-size",
      paramLabel = "N",
      description = "Number of ranks (processes) that share the records; at least 1 (default: 1).")
  private int worldSize = 1;

  @Option(
      names = "--shuffle",
      paramLabel = "SHUFFLE",
      converter = PlanCommand.ShuffleConverter.class,
      description = {
        "none (default): records in the order of the FILEs;",
        "global: a permutation of all records;",
        "windowed:SIZE: chunks in random order, records permuted in windows of SIZE bytes;",
        "reservoir:N: each record waits in a reservoir of N records."
      })
  private Shuffle shuffle = DEFAULTS.shuffle();

  @Option(
      names = "--remainder",
      paramLabel = "RULE",
      converter = ConstantConverter.Remainders.class,
      description = {
        "What happens to the records after the last full step: even (default; they are divided"
            + " among the ranks), drop, or pad (the step is filled with the first records)."
      })
  private Remainder remainder = DEFAULTS.remainder();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = PlanCommand.MemoryConverter.class,
      description = "The memory that each rank may use (default: 256MiB).")
  private long memory = DEFAULTS.memory();

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private RecordFiles files = new RecordFiles();
  @Spec private CommandSpec spec;

  PlanCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    checkAtLeastOne("--batch-size", batchSize);
    checkAtLeastOne("--world-size", worldSize);
    if (batchSize < worldSize) {
      throw new ParameterException(
          spec.commandLine(),
          "--batch-size "
              + batchSize
              + " is less than --world-size "
              + worldSize
              + ": each rank needs a record at each step");
    }
    RecordFile.useAll(files.all(streams), streams, this::plan);
    return ExitCode.OK;
  }

  private void checkAtLeastOne(String option, int value) {
    if (value < 1) {
      throw new ParameterException(spec.commandLine(), option + " is less than 1: " + value);
    }
  }

  private void plan(List<RecordFile> all) throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            // As the loader chooses it.
            .withCacheSize(shuffle.equals(Shuffle.global()) ? memory / 2 : 0)
            .withReaderOptions(readSettings.on(ReaderOptions.defaults()));
    LoadPlan plan =
        LoadPlan.of(
            RecordSource.shards(RecordFile.shards(all), options),
            shuffle,
            BatchSize.records(batchSize),
            remainder,
            worldSize,
            memory);
    if (json.areAskedFor()) {
      JsonLines.print(streams, line -> add(line, plan));
    } else {
      streams.out().print(plan + "\n");
    }
  }

  private static void add(Json line, LoadPlan plan) {
    add(line, "steps", plan.steps());
    add(line, "records", plan.positions());
    line.name("dropped").value(plan.dropped());
    line.name("padded").value(plan.padded());
    line.name("chunks").value(plan.chunks());
    line.name("expectedDecodes").value(plan.expectedDecodes());
    line.name("readAmplification").value(plan.readAmplification());
    line.name("remoteRequests").value(plan.remoteRequests());
    line.name("remoteBytes").value(plan.remoteBytes());
    line.name("remoteAmplification").value(plan.remoteAmplification());
    line.name("mixingDistance").value(plan.mixingDistance());
    add(line, "expectedMemory", plan.expectedMemory());
    line.name("resumeBytes").value(plan.resumeBytes());
    line.name("warnings").beginArray();
    for (String warning : plan.warnings()) {
      line.element().value(warning);
    }
    line.endArray();
  }

  private static void add(Json line, String name, OptionalLong value) {
    line.name(name);
    if (value.isPresent()) {
      line.value(value.getAsLong());
    } else {
      line.value(null);
    }
  }

  /** Parses the memory. */
  static final class MemoryConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return size(text);
    }
  }

  private static long size(String text) {
    try {
      return ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** Parses shuffles. */
  static final class ShuffleConverter implements ITypeConverter<Shuffle> {
    private static final String WINDOWED = "windowed:";
    private static final String RESERVOIR = "reservoir:";

    @Override
    public Shuffle convert(String text) {
      try {
        if (text.startsWith(WINDOWED)) {
          return Shuffle.windowed(size(text.substring(WINDOWED.length())));
        }
        if (text.startsWith(RESERVOIR)) {
          return Shuffle.reservoir(Integer.parseInt(text.substring(RESERVOIR.length())));
        }
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' has no number of records after the colon");
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
      return switch (text) {
        case "none" -> Shuffle.none();
        case "global" -> Shuffle.global();
        default ->
            throw new TypeConversionException(
                "'" + text + "' is not one of none, global, windowed:SIZE, reservoir:N");
      };
    }
  }
}

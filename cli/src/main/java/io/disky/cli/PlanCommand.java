package io.disky.cli;

import io.disky.RandomAccessOptions;
import io.disky.ReaderOptions;
import io.disky.loader.DataLoader;
import io.disky.loader.Exhaustion;
import io.disky.loader.LoadPlan;
import io.disky.loader.LoaderOptions;
import io.disky.loader.Mix;
import io.disky.loader.RecordSource;
import io.disky.loader.Remainder;
import io.disky.loader.Shuffle;
import io.disky.loader.WeightedSource;
import io.disky.loading.LoadingSettings;
import java.io.IOException;
import java.util.ArrayList;
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
      "Prints what a loader with these options does in an epoch over all FILEs together, as one"
          + " sequence or, with --weights, mixed. Options that are left out have the loader's"
          + " defaults. Reads only the index of each FILE, or its chunk headers. Numbers after"
          + " 'about' are estimates, which assume that all chunks have the same size; the others are"
          + " exact.",
      "",
      "Lines of the output:",
      "  steps             number of steps, the same for all ranks",
      "  records           number of records, and how many are dropped or come twice",
      "  chunks            number of chunks in the FILEs and, if it differs, in all passes of the"
          + " epoch over them; and how often all ranks together decode them",
      "  remote files      if some FILEs are remote: number and bytes of the requests to them, by all"
          + " ranks together, without those that open the FILEs",
      "  mixing distance   how far apart in the epoch two records are that are neighbours in a"
          + " FILE; a third of the records is a complete shuffle",
      "  memory of a rank  outside the Java heap, for batches and decoded chunks, at most, if all"
          + " records of a FILE are equally large",
      "  Java heap of a rank  for the index of the chunks, windows and reservoirs",
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
      "  chunks             number of chunks in the FILEs",
      "  chunksInEpoch      number of chunks in all passes of the epoch",
      "  expectedDecodes    how many chunks all ranks together decode",
      "  readAmplification  expectedDecodes / chunksInEpoch",
      "  remoteRequests     requests to remote files, by all ranks together",
      "  remoteBytes        bytes that these requests ask for",
      "  remoteAmplification  remoteBytes / the bytes of the records from remote files;",
      "                     1 if no file is remote",
      "  mixingDistance     distance in the epoch of neighbouring records",
      "  expectedMemory     bytes of memory of a rank, outside the Java heap, at most",
      "  heapMemory         bytes of memory of a rank on the Java heap, at most",
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
      names = "--workers",
      paramLabel = "N",
      description =
          "Number of threads of a rank that load batches; at least 0 (default: the number of"
              + " processors, at most 8). A rank loads up to two batches for each worker, and one"
              + " more, ahead; if they are small, up to 16 MiB or half of --memory.")
  private int workers = DEFAULTS.workers();

  @Option(
      names = "--weights",
      paramLabel = "WEIGHT",
      split = ",",
      description =
          "Mix the FILEs exactly by weight: a number for each FILE, in their order, separated by"
              + " commas. Only the ratios of the numbers matter.")
  private List<Double> weights = List.of();

  @Option(
      names = "--exhaustion",
      paramLabel = "RULE",
      converter = ConstantConverter.Exhaustions.class,
      description = {
        "With --weights: what happens when a FILE has no records left. drop-out (default; the others"
            + " go on), stop (the epoch ends), repeat (the FILE begins again, and the epoch has no"
            + " end), or repeat-until-all-seen (it begins again until all records of all FILEs have"
            + " come)."
      })
  private Exhaustion exhaustion = Exhaustion.DROP_OUT;

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
      description =
          "The memory outside the Java heap that each rank may use; at least 1MiB (default: 256MiB).")
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
      throw usage(
          "--batch-size "
              + batchSize
              + " is less than --world-size "
              + worldSize
              + ": each rank needs a record at each step");
    }
    checkMix();
    List<FileArgument> all = new ArrayList<>();
    List<Integer> ends = new ArrayList<>(); // of the sources
    if (weights.isEmpty()) {
      all.addAll(files.all(streams));
      ends.add(all.size());
    }
    for (int i = 0; i < weights.size(); i++) {
      all.addAll(RecordFiles.all(List.of(files.arguments().get(i)), streams));
      ends.add(all.size());
    }
    RecordFile.useAll(all, streams, opened -> plan(opened, ends));
    return ExitCode.OK;
  }

  private void checkAtLeastOne(String option, int value) {
    if (value < 1) {
      throw usage(option + " is less than 1: " + value);
    }
  }

  private void checkMix() {
    if (workers < 0) {
      throw usage("--workers is less than 0: " + workers);
    }
    if (weights.isEmpty() && exhaustion != Exhaustion.DROP_OUT) {
      throw usage("--exhaustion needs --weights");
    }
    int arguments = files.arguments().size();
    if (!weights.isEmpty() && weights.size() != arguments) {
      throw usage(
          "--weights has " + weights.size() + " numbers, not one for each FILE: " + arguments);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void plan(List<RecordFile> all, List<Integer> ends) throws IOException {
    try (DataLoader loader = DataLoader.open(mix(all, ends), options())) {
      LoadPlan plan = loader.plan();
      if (json.areAskedFor()) {
        JsonLines.print(streams, line -> add(line, plan));
      } else {
        streams.out().print(plan + "\n");
      }
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private LoaderOptions options() {
    return DEFAULTS
        .withShuffle(shuffle)
        .withBatchSize(batchSize)
        .withRank(0, worldSize)
        .withRemainder(remainder)
        .withWorkers(workers)
        .withMemory(memory);
  }

  private Mix mix(List<RecordFile> all, List<Integer> ends) {
    List<RecordSource> sources = new ArrayList<>();
    int begin = 0;
    for (int end : ends) {
      sources.add(source(all.subList(begin, end), ends.size()));
      begin = end;
    }
    if (weights.isEmpty()) {
      return Mix.of(sources.getFirst());
    }
    List<WeightedSource> weighted = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      weighted.add(WeightedSource.of(sources.get(i), weights.get(i)));
    }
    return Mix.exact(weighted).withExhaustion(exhaustion);
  }

  private RecordSource source(List<RecordFile> all, int sources) {
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            // As the loader chooses it.
            .withCacheSize(
                shuffle.equals(Shuffle.global())
                    ? LoadingSettings.globalCacheSize(memory, sources)
                    : 0)
            .withReaderOptions(readSettings.on(ReaderOptions.defaults()));
    return RecordSource.shards(RecordFile.shards(all), options);
  }

  private static void add(Json line, LoadPlan plan) {
    add(line, "steps", plan.steps());
    add(line, "records", plan.positions());
    line.name("dropped").value(plan.dropped());
    line.name("padded").value(plan.padded());
    line.name("chunks").value(plan.chunks());
    line.name("chunksInEpoch").value(plan.chunksInEpoch());
    line.name("expectedDecodes").value(plan.expectedDecodes());
    line.name("readAmplification").value(plan.readAmplification());
    line.name("remoteRequests").value(plan.remoteRequests());
    line.name("remoteBytes").value(plan.remoteBytes());
    line.name("remoteAmplification").value(plan.remoteAmplification());
    line.name("mixingDistance").value(plan.mixingDistance());
    add(line, "expectedMemory", plan.expectedMemory());
    line.name("heapMemory").value(plan.heapMemory());
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

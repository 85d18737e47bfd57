package io.disky.bench;

import io.disky.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks and prints what share of its limit each reaches.
 *
 * <p>Arguments are those of JMH, but for what the table depends on: modes, time units and the
 * number of threads. Forks are made in rounds, one of each benchmark per round, and a benchmark's
 * fork stands beside the one of its limit: when the machine becomes slower for a while, both do.
 */
public final class Comparison {
  private static final int ROUNDS = 3;

  private final CommandLineOptions arguments;
  private final String resultFile;

  private Comparison(CommandLineOptions arguments) {
    this.arguments = arguments;
    this.resultFile = arguments.getResult().orElse("jmh-result.json");
  }

  /** Runs the benchmarks that {@code args} select. */
  public static void main(String[] args)
      throws CommandLineOptionException, IOException, RunnerException {
    CommandLineOptions arguments = new CommandLineOptions(args);
    if (arguments.shouldHelp()) {
      arguments.showHelp();
    } else if (arguments.shouldList()) {
      new Runner(arguments).list();
    } else {
      new Comparison(arguments).run();
    }
  }

  private void run() throws IOException, RunnerException {
    List<Workload> workloads = workloads();
    int rounds = arguments.getForkCount().orElse(ROUNDS);
    List<RunResult> results = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      for (Workload workload : workloads) {
        System.out.printf("round %d of %d: %s%n", round, rounds, workload);
        results.addAll(new Runner(options(workload)).run());
      }
    }
    writeResult(merge(results));
    System.out.println();
    System.out.print(new ComparisonTable(results).format(workloads));
  }

  private List<Workload> workloads() throws IOException {
    List<Workload> workloads = new ArrayList<>();
    for (String dataset : parameter("dataset", List.of("LINES", "CLASSES"))) {
      for (String compression : parameter("compression", List.of("none", "zstd:3"))) {
        workloads.add(Workload.of(Dataset.valueOf(dataset), Compression.parse(compression)));
      }
    }
    return workloads;
  }

  private Collection<String> parameter(String name, List<String> values) {
    return arguments.getParameter(name).orElse(values);
  }

  private Options options(Workload workload) {
    return new OptionsBuilder()
        .parent(arguments)
        .param("dataset", workload.dataset().name())
        .param("compression", workload.compression().toString())
        .mode(Mode.AverageTime)
        .timeUnit(ComparisonTable.TIME_UNIT)
        .threads(1)
        .forks(1)
        .shouldFailOnError(true)
        .verbosity(arguments.verbosity().orElse(VerboseMode.SILENT))
        .resultFormat(ResultFormatType.JSON)
        .result(resultFile)
        .build();
  }

  /** Makes the forks of each benchmark one result, as if JMH had made them in a row. */
  private static List<RunResult> merge(List<RunResult> results) {
    Map<BenchmarkParams, List<BenchmarkResult>> forks = new TreeMap<>();
    for (RunResult result : results) {
      forks
          .computeIfAbsent(result.getParams(), params -> new ArrayList<>())
          .addAll(result.getBenchmarkResults());
    }
    return forks.entrySet().stream()
        .map(entry -> new RunResult(entry.getKey(), entry.getValue()))
        .toList();
  }

  private void writeResult(List<RunResult> results) throws IOException {
    Files.deleteIfExists(Path.of(resultFile));
    ResultFormatFactory.getInstance(ResultFormatType.JSON, resultFile).writeOut(results);
  }
}

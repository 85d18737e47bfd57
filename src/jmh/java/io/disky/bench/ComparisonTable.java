package io.disky.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;

/** The results as a Markdown table: a row for each benchmark and each limit it is held against. */
final class ComparisonTable {
  /** The unit of the results. */
  static final TimeUnit TIME_UNIT = TimeUnit.MILLISECONDS;

  private static final String HEAD =
      """
      | work | ratio | budget | reached | Java | limit |
      |---|---|---|---|---|---|
      """;

  /** By benchmark and workload: the median time of each fork, in the order of the rounds. */
  private final Map<String, List<Double>> times = new TreeMap<>();

  ComparisonTable(Collection<RunResult> results) {
    for (RunResult result : results) {
      for (BenchmarkResult fork : result.getBenchmarkResults()) {
        times.computeIfAbsent(key(result.getParams()), key -> new ArrayList<>()).add(time(fork));
      }
    }
  }

  private static String key(BenchmarkParams params) {
    String benchmark = params.getBenchmark();
    int method = benchmark.lastIndexOf('.');
    return key(
        benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1),
        params.getParam("dataset"),
        params.getParam("compression"));
  }

  private static String key(String benchmark, String dataset, String compression) {
    return String.join(" ", benchmark, dataset, compression);
  }

  private static double time(BenchmarkResult fork) {
    return median(
        fork.getIterationResults().stream()
            .map(IterationResult::getPrimaryResult)
            .mapToDouble(result -> result.getScore())
            .toArray());
  }

  private static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * The table. A ratio is of throughputs, the median of the rounds; times and rates are medians,
   * too. Bytes are those of records.
   */
  String format(List<Workload> workloads) {
    StringBuilder table = new StringBuilder(HEAD);
    for (Workload workload : workloads) {
      for (Budget budget : Budget.of(workload)) {
        appendRow(table, workload, budget);
      }
    }
    return table.toString();
  }

  private void appendRow(StringBuilder table, Workload workload, Budget budget) {
    double[] java = times(budget.benchmark(), workload);
    double[] limit = times(budget.limit(), workload);
    // Options may have left out either.
    if (java.length > 0 && java.length == limit.length) {
      table.append(row(workload, budget, java, limit));
    }
  }

  private static String row(Workload workload, Budget budget, double[] java, double[] limit) {
    double ratio =
        median(IntStream.range(0, java.length).mapToDouble(i -> limit[i] / java[i]).toArray());
    return String.format(
        Locale.ROOT,
        "| %s, %s | %.2f | %s | %s | %s | %s: %s |%n",
        budget.work(),
        workload,
        ratio,
        budget.ratio() == 0 ? "" : String.format(Locale.ROOT, "%.2f", budget.ratio()),
        verdict(budget, ratio),
        rate(workload, median(java)),
        budget.limitName(),
        rate(workload, median(limit)));
  }

  private static String verdict(Budget budget, double ratio) {
    if (budget.ratio() == 0 || Inputs.arePartial()) {
      return "";
    }
    return ratio >= budget.ratio() ? "yes" : "no";
  }

  private double[] times(String benchmark, Workload workload) {
    String key = key(benchmark, workload.dataset().name(), workload.compression().toString());
    return times.getOrDefault(key, List.of()).stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static String rate(Workload workload, double time) {
    double nanos = time * TIME_UNIT.toNanos(1);
    return String.format(
        Locale.ROOT,
        "%.1f ns/record, %.2f GB/s",
        nanos / workload.records(),
        workload.bytes() / nanos);
  }
}

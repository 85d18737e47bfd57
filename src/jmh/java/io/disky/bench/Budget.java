package io.disky.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What share of a limit a benchmark is to reach.
 *
 * @param work what is done
 * @param benchmark the benchmark that does it
 * @param limit the benchmark of the limit
 * @param limitName what the limit is
 * @param ratio the least share of the limit's throughput; 0 if it is only of interest
 */
record Budget(String work, String benchmark, String limit, String limitName, double ratio) {
  /** What the benchmarks on {@code workload} are held against. */
  static List<Budget> of(Workload workload) {
    List<Budget> budgets = new ArrayList<>();
    addReading(budgets, workload);
    addWriting(budgets, workload);
    return budgets;
  }

  private static void addReading(List<Budget> budgets, Workload workload) {
    boolean lines = workload.dataset() == Dataset.LINES;
    boolean compressed = workload.isCompressed();
    String bare = compressed ? "ZSTD_decompress" : "read(2) + hash";
    double ofBare = lines ? (compressed ? 0.85 : 0.55) : 0.95;
    double ofRust = lines ? 0.75 : 0.97;
    for (String name : List.of("iteration", "batches")) {
      String work = "read by " + name;
      String benchmark = "ReadBenchmark." + name;
      budgets.add(new Budget(work, benchmark, "ReadBenchmark.limit", bare, ofBare));
      budgets.add(new Budget(work, benchmark, "ReadBenchmark.rustLoop", "Rust loop", ofRust));
      if (!compressed) {
        budgets.add(new Budget(work, benchmark, "ReadBenchmark.systemCall", "read(2)", 0));
      }
    }
  }

  private static void addWriting(List<Budget> budgets, Workload workload) {
    boolean compressed = workload.isCompressed();
    String bare = compressed ? "ZSTD_compress" : "memcpy + hash + write(2)";
    double ofBare = compressed ? 0.95 : 0.9;
    for (String name : List.of("array", "segment", "inPlace")) {
      String work = "write " + (name.equals("inPlace") ? "in place" : name + "s");
      String benchmark = "WriteBenchmark." + name;
      budgets.add(new Budget(work, benchmark, "WriteBenchmark.limit", bare, ofBare));
    }
  }
}

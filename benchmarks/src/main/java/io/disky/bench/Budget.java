package io.disky.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The speed that a contestant must reach.
 *
 * @param name the contestant
 * @param references the contestants to compare with; the fastest of them counts
 * @param ratio the smallest allowed ratio of its throughput to that of the reference
 */
record Budget(String name, List<String> references, double ratio) {
  private static final List<String> JAVA_PEERS =
      List.of(Contestants.AVRO, Contestants.STREAM, "plain Java reader");

  /**
   * A budget with its result.
   *
   * @param cell the comparison
   * @param budget the budget
   * @param reference the contestant to which it was compared
   * @param measured the measured ratio of throughputs
   */
  record Outcome(Cell cell, Budget budget, Series reference, Statistics measured) {
    /** Returns whether the ratio, rounded to two digits as in tables, reaches the budget. */
    boolean isReached() {
      return Math.round(100 * measured.median()) >= Math.round(100 * budget.ratio());
    }
  }

  /** The budgets of a cell with their results. Leaves out contestants that did not take part. */
  static List<Outcome> outcomes(CellResult result) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Budget budget : of(result.cell())) {
      Optional<Series> series = result.of(budget.name());
      Optional<Series> reference = result.fastest(budget.references());
      if (series.isPresent() && reference.isPresent()) {
        Statistics ratio = series.get().ratioTo(reference.get());
        outcomes.add(new Outcome(result.cell(), budget, reference.get(), ratio));
      }
    }
    return outcomes;
  }

  private static List<Budget> of(Cell cell) {
    return switch (cell.operation()) {
      case READ -> reading(cell);
      case WRITE -> writing(cell);
      case RANDOM -> randomAccess(cell);
      case FIRST_RECORD, SMALL_READ, SMALL_WRITE -> List.of();
    };
  }

  private static List<Budget> reading(Cell cell) {
    List<Budget> budgets = new ArrayList<>();
    String limit = Contestants.limitOfReading(cell.isCompressed(), 1);
    double share =
        switch (cell.dataset()) {
          case LINES -> cell.isCompressed() ? 0.85 : 0.55;
          case RANDOM_100B -> cell.isCompressed() ? 0 : 0.85;
          // Letters are almost random for zstd, so compressing them says little.
          case RANDOM_1KB, RANDOM_10KB, RANDOM_100KB, RANDOM_5MB -> cell.isCompressed() ? 0 : 0.95;
          case CLASSES -> 0.95;
        };
    double shareOfEngine =
        switch (cell.dataset()) {
          case LINES, RANDOM_100B -> 0.75;
          case CLASSES, RANDOM_1KB, RANDOM_10KB, RANDOM_100KB, RANDOM_5MB -> 0.97;
        };
    for (String name : List.of(Contestants.ITERATION, Contestants.BATCHES)) {
      if (share > 0) {
        budgets.add(new Budget(name, List.of(limit), share));
      }
      budgets.add(new Budget(name, List.of(Contestants.ENGINE), shareOfEngine));
    }
    for (String name : List.of(Contestants.PARALLEL, Contestants.SHARDED_READER)) {
      addTwoThreads(budgets, name, Contestants.BATCHES, cell.isCompressed() ? 1.8 : 1.6);
      if (!cell.isCompressed()) {
        budgets.add(new Budget(Contestants.withThreads(name, 2), List.of(Contestants.AVRO), 1));
      }
    }
    return budgets;
  }

  private static List<Budget> writing(Cell cell) {
    List<Budget> budgets = new ArrayList<>();
    String limit = Contestants.limitOfWriting(cell.isCompressed(), 1);
    if (cell.isCompressed() && cell.dataset().isRandom()) {
      // Compression reduces letters only a little, so writing them takes a quarter of the time.
      limit = Contestants.COMPRESSED_FILE;
    }
    double share = cell.isCompressed() ? 0.95 : 0.9;
    for (String name : List.of(Contestants.ARRAYS, Contestants.SEGMENTS, Contestants.IN_PLACE)) {
      budgets.add(new Budget(name, List.of(limit), share));
    }
    budgets.add(new Budget(Contestants.IN_PLACE, List.of(Contestants.BUILT_FIRST), 1));
    if (cell.dataset() == Dataset.LINES || cell.dataset() == Dataset.RANDOM_100B) {
      budgets.add(new Budget(Contestants.ARRAYS, JAVA_PEERS, 2));
    }
    if (cell.isCompressed()) {
      addTwoThreads(budgets, Contestants.PARALLEL, Contestants.ARRAYS, 1.8);
      addTwoThreads(budgets, Contestants.SHARDED_WRITER, Contestants.SHARDED_WRITER, 1.8);
      addTwoThreads(budgets, Contestants.PRODUCERS, Contestants.PRODUCERS, 1.7);
    }
    return budgets;
  }

  private static List<Budget> randomAccess(Cell cell) {
    // To return a line, every contestant decodes its chunk.
    if (cell.dataset() == Dataset.LINES) {
      return List.of();
    }
    List<Budget> budgets = new ArrayList<>();
    for (String name : List.of(Contestants.ONE_BY_ONE_CACHED, Contestants.ONE_BY_ONE_UNCACHED)) {
      budgets.add(new Budget(name, List.of(Contestants.ARRAY_RECORD_ONE_BY_ONE), 1));
      budgets.add(new Budget(name, List.of(Contestants.BAGZ_ONE_BY_ONE), 1));
    }
    for (String name : List.of(Contestants.TOGETHER_CACHED, Contestants.TOGETHER_UNCACHED)) {
      budgets.add(new Budget(name, List.of(Contestants.ARRAY_RECORD_TOGETHER), 1));
      budgets.add(new Budget(name, List.of(Contestants.BAGZ_TOGETHER), 1));
    }
    addTwoThreads(budgets, Contestants.ONE_BY_ONE_UNCACHED, Contestants.ONE_BY_ONE_UNCACHED, 1.6);
    return budgets;
  }

  private static void addTwoThreads(List<Budget> budgets, String name, String alone, double ratio) {
    budgets.add(new Budget(Contestants.withThreads(name, 2), List.of(alone), ratio));
  }
}

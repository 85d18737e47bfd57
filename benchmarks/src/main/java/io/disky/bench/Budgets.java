package io.disky.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The budgets of each comparison. */
final class Budgets {
  private static final List<String> JAVA_PEERS =
      List.of(Contestants.AVRO, Contestants.STREAM, Contestants.ORACLE);

  private final Cell cell;
  private final List<Budget> budgets = new ArrayList<>();

  private Budgets(Cell cell) {
    this.cell = cell;
    switch (cell.operation()) {
      case READ -> addReading();
      case WRITE -> addWriting();
      case RANDOM -> addRandomAccess();
      case SMALL_READ -> add(Contestants.ITERATION, Contestants.AVRO, 1);
      case SMALL_WRITE -> add(Contestants.ARRAYS, Contestants.AVRO, 1);
      case LOAD -> addLoading();
      case FIELD -> {
        add(Contestants.PROJECTED_ZSTD, Contestants.COMPLETE_ZSTD, 5);
        add(Contestants.PROJECTED_BROTLI, Contestants.COMPLETE_BROTLI, 5);
      }
      case FIRST_RECORD -> {}
    }
  }

  /** The budgets of a comparison with their results. Leaves out contestants that are absent. */
  static List<Budget.Outcome> outcomes(CellResult result) {
    return new Budgets(result.cell())
        .budgets.stream().map(budget -> budget.outcome(result)).flatMap(Optional::stream).toList();
  }

  private void addReading() {
    String limit = Contestants.limitOfReading(cell.isCompressed(), 1);
    for (String name : List.of(Contestants.ITERATION, Contestants.BATCHES)) {
      if (shareOfReading() > 0) {
        add(name, limit, shareOfReading());
      }
      add(name, Contestants.ENGINE, hasSmallRecords() ? 0.75 : 0.97);
    }
    add(Contestants.ITERATION, Contestants.BATCHES, cell.dataset() == Dataset.LINES ? 0.9 : 0.95);
    for (String name : List.of(Contestants.PARALLEL, Contestants.SHARDED_READER)) {
      addTwoThreads(name, Contestants.BATCHES, cell.isCompressed() ? 1.85 : 1.6);
      if (!cell.isCompressed()) {
        String two = Contestants.withThreads(name, 2);
        add(two, Contestants.AVRO, hasSmallRecords() ? 1 : 0.9);
      }
    }
    if (cell.isCompressed()) {
      String plain = Contestants.withThreads(Contestants.PARALLEL, 2);
      add(Contestants.withThreads(Contestants.LOADER_IN_ORDER, 2), plain, 0.95);
      add(Contestants.withThreads(Contestants.LOADER_WINDOWED, 2), plain, 0.85);
    } else {
      addReadingBefore();
    }
  }

  private void addLoading() {
    String ours = Contestants.withThreads(Contestants.LOADER_GLOBAL, 2);
    add(ours, Contestants.withThreads(Contestants.VISIT_ALL, 2), 0.8);
    add(ours, Contestants.ARRAY_RECORD_BATCHES, 1);
  }

  /** The share of the limit that reading must reach; 0 if it need not reach any. */
  private double shareOfReading() {
    return switch (cell.dataset()) {
      case LINES -> cell.isCompressed() ? 0.85 : 0.55;
      case RANDOM_100B -> cell.isCompressed() ? 0 : 0.85;
      // Letters are almost random for zstd, so compressing them says little.
      case RANDOM_1KB, RANDOM_10KB, RANDOM_100KB, RANDOM_1MB, RANDOM_5MB ->
          cell.isCompressed() ? 0 : 0.95;
      case CLASSES -> 0.95;
      case MESSAGES -> 0;
    };
  }

  /** Several chunks are hashed at once, which an earlier revision did not do. */
  private void addReadingBefore() {
    switch (cell.dataset()) {
      case RANDOM_1KB, RANDOM_10KB, RANDOM_100KB, RANDOM_1MB -> {
        for (String name :
            List.of(Contestants.ENGINE, Contestants.ITERATION, Contestants.BATCHES)) {
          add(name, Contestants.before(name), 1.15);
        }
      }
      case LINES, CLASSES, MESSAGES, RANDOM_100B, RANDOM_5MB -> {}
    }
  }

  private void addWriting() {
    String limit = Contestants.limitOfWriting(cell.isCompressed(), 1);
    if (cell.isCompressed() && cell.dataset().isRandom()) {
      // Compression reduces letters only a little, so writing them takes a quarter of the time.
      limit = Contestants.COMPRESSED_FILE;
    }
    double share = cell.isCompressed() ? 0.95 : 0.9;
    for (String name : List.of(Contestants.ARRAYS, Contestants.SEGMENTS, Contestants.IN_PLACE)) {
      add(name, limit, share);
    }
    add(Contestants.IN_PLACE, Contestants.BUILT_FIRST, 1);
    if (hasSmallRecords()) {
      budgets.add(new Budget(Contestants.ARRAYS, JAVA_PEERS, 2));
    }
    if (hasSmallRecords() && !cell.isCompressed()) {
      add(Contestants.ARRAYS, Contestants.before(Contestants.ARRAYS), 1.3);
    }
    if (cell.isCompressed()) {
      addTwoThreads(Contestants.PARALLEL, Contestants.ARRAYS, 1.85);
      addTwoThreads(Contestants.SHARDED_WRITER, Contestants.SHARDED_WRITER, 1.8);
      addTwoThreads(Contestants.PRODUCERS, Contestants.PRODUCERS, 1.7);
    }
  }

  private void addRandomAccess() {
    if (cell.dataset() == Dataset.LINES) {
      // Every contestant decodes the chunk of a line, which can be shared only within one call.
      add(Contestants.TOGETHER_UNCACHED, Contestants.ARRAY_RECORD_TOGETHER, 1);
      return;
    }
    for (String name : List.of(Contestants.ONE_BY_ONE_CACHED, Contestants.ONE_BY_ONE_UNCACHED)) {
      add(name, Contestants.ARRAY_RECORD_ONE_BY_ONE, 1);
      add(name, Contestants.BAGZ_ONE_BY_ONE, 1);
    }
    if (cell.dataset() == Dataset.RANDOM_1KB && !cell.isCompressed()) {
      add(Contestants.ONE_BY_ONE_UNCACHED, Contestants.LIMIT_OF_RANDOM_ACCESS, 1 / 1.37);
    }
    for (String name : List.of(Contestants.TOGETHER_CACHED, Contestants.TOGETHER_UNCACHED)) {
      add(name, Contestants.ARRAY_RECORD_TOGETHER, 1);
      add(name, Contestants.BAGZ_TOGETHER, 1);
    }
    addTwoThreads(Contestants.ONE_BY_ONE_UNCACHED, Contestants.ONE_BY_ONE_UNCACHED, 1.6);
  }

  private boolean hasSmallRecords() {
    return cell.dataset() == Dataset.LINES || cell.dataset() == Dataset.RANDOM_100B;
  }

  private void add(String name, String reference, double ratio) {
    budgets.add(new Budget(name, List.of(reference), ratio));
  }

  private void addTwoThreads(String name, String alone, double ratio) {
    add(Contestants.withThreads(name, 2), alone, ratio);
  }
}

package io.disky.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The times of new JVMs in each round, in nanoseconds.
 *
 * @param empty of a JVM that does nothing
 * @param firstRecord of a JVM that reads the first record of a file
 * @param before the same with an earlier revision of the library; empty without one
 */
record StartTimes(List<Double> empty, List<Double> firstRecord, List<Double> before) {
  private static final String NAME = "start-of-a-jvm";
  private static final String WORK = "start of a JVM";
  private static final String READS = "reads the first record";

  /** The least ratio of the time of a JVM that does nothing to that of one that reads. */
  private static final double SHARE = 0.28;

  /** How many times as much time an earlier revision must have added to that of an empty JVM. */
  private static final double GAIN = 2;

  /** The budgets with their results. */
  List<Budget.Outcome> outcomes() {
    List<Budget.Outcome> outcomes = new ArrayList<>();
    outcomes.add(
        new Budget.Outcome(
            NAME,
            WORK,
            READS,
            "does nothing",
            SHARE,
            statistics(round -> empty.get(round) / firstRecord.get(round))));
    if (!before.isEmpty()) {
      outcomes.add(
          new Budget.Outcome(
              NAME,
              WORK + ", time added to that of an empty one",
              READS,
              "earlier revision",
              GAIN,
              statistics(round -> added(before, round) / added(firstRecord, round))));
    }
    return outcomes;
  }

  /** The rows of the table. */
  List<String> rows() {
    List<String> rows = new ArrayList<>();
    rows.add(row("does nothing", empty));
    rows.add(row(READS, firstRecord));
    if (!before.isEmpty()) {
      rows.add(row(READS + ", earlier revision", before));
    }
    return rows;
  }

  private String row(String name, List<Double> times) {
    return "| %s | %s | %s | %s |"
        .formatted(
            name,
            Units.time(statistics(times::get)),
            Units.time(statistics(round -> added(times, round))),
            Units.ratio(statistics(round -> times.get(round) / empty.get(round))));
  }

  private double added(List<Double> times, int round) {
    return times.get(round) - empty.get(round);
  }

  private Statistics statistics(IntToDoubleFunction ofRound) {
    return Statistics.of(IntStream.range(0, empty.size()).mapToDouble(ofRound).toArray());
  }
}

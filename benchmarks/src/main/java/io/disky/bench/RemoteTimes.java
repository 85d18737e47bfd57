package io.disky.bench;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The times of reading a remote file, in nanoseconds.
 *
 * @param size size of the file that is read in order, in bytes
 * @param delay nanoseconds before each answer
 * @param passes of reading in order, in each round
 * @param visits of reading scattered records, in each round
 */
record RemoteTimes(long size, double delay, List<Passes> passes, List<Visit> visits) {
  private static final String NAME = "remote";
  private static final String IN_ORDER = "reading over HTTP in order";
  private static final String FIRST = "the first pass of a JVM";
  private static final String LATER = "a pass after warm-up";
  private static final String PLAIN = "16 plain connections";
  private static final String SCATTERED = "scattered records";

  /** The least share of the throughput of plain connections. */
  private static final double SHARE = 0.8;

  /** How many times the ideal number of rounds of requests scattered records may take. */
  private static final double ROUNDS = 1.5;

  /**
   * The passes of a JVM.
   *
   * @param first the first pass over the file
   * @param plainFirst plain connections, immediately after that
   * @param later a pass after warm-up
   * @param plainLater plain connections, immediately after that
   */
  record Passes(double first, double plainFirst, double later, double plainLater) {}

  /** A visit of scattered records. */
  record Visit(double nanos, long requests) {
    private double idealNanos(double delay) {
      return Math.ceilDiv(requests, RemoteReading.SCATTERED_REQUESTS) * delay;
    }
  }

  private Statistics ofPasses(IntToDoubleFunction ofRound) {
    return Statistics.of(IntStream.range(0, passes.size()).mapToDouble(ofRound).toArray());
  }

  private Statistics first() {
    return ofPasses(round -> passes.get(round).plainFirst / passes.get(round).first);
  }

  private Statistics later() {
    return ofPasses(round -> passes.get(round).plainLater / passes.get(round).later);
  }

  private Statistics scattered() {
    return Statistics.of(
        visits.stream().mapToDouble(visit -> visit.idealNanos(delay) / visit.nanos).toArray());
  }

  /** The budgets with their results. */
  List<Budget.Outcome> outcomes() {
    if (passes.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Budget.Outcome(NAME, IN_ORDER, FIRST, PLAIN, SHARE, first()),
        new Budget.Outcome(NAME, IN_ORDER, LATER, PLAIN, SHARE, later()),
        new Budget.Outcome(
            NAME, "reading over HTTP", SCATTERED, "ideal rounds", 1 / ROUNDS, scattered()));
  }

  /** The rows of the table; empty if nothing was measured. */
  List<String> rows() {
    if (passes.isEmpty()) {
      return List.of();
    }
    return List.of(
        row(FIRST, ofPasses(round -> passes.get(round).first), first()),
        row(LATER, ofPasses(round -> passes.get(round).later), later()),
        row(
            "%s, %,d requests".formatted(SCATTERED, visits.getFirst().requests),
            Statistics.of(visits.stream().mapToDouble(Visit::nanos).toArray()),
            scattered()));
  }

  private static String row(String name, Statistics nanos, Statistics ratio) {
    return "| %s | %s | %s |".formatted(name, Units.time(nanos), Units.ratio(ratio));
  }
}

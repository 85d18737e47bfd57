package io.disky.bench;

import java.io.IOException;

/**
 * Runs a work before it is measured. A JVM compiles code again and again while it runs, and uses a
 * processor for that. So a JVM works until it has not become faster for a while: longer if the work
 * has several threads, which then lack that processor and may become slower at first.
 */
final class WarmUp {
  /** A warm-up of a JVM takes at most this many times the shortest warm-up. */
  private static final int LONGEST = 8;

  /** Parts of the shortest warm-up. All parts are compared with one another. */
  private static final int PARTS = 3;

  /** A part is faster than all parts before if it takes less than this share of their time. */
  private static final double FASTER = 0.98;

  private WarmUp() {}

  /**
   * Warms up {@code process}, the process of {@code contestant}.
   *
   * @param millis the shortest time in milliseconds; all of the time if {@code process} is not a
   *     JVM
   */
  static void run(WorkerProcess process, Contestant contestant, int millis) throws IOException {
    if (contestant.language() != Contestant.Language.JAVA || millis == 0) {
      process.measure(millis);
      return;
    }
    int patience = contestant.threads() == 1 ? PARTS - 1 : 2 * PARTS;
    double best = Double.POSITIVE_INFINITY;
    int noFaster = 0;
    for (int part = 0; part < LONGEST * PARTS && noFaster < patience; part++) {
      double nanos = Statistics.median(process.measure(millis / PARTS).nanos());
      noFaster = nanos < FASTER * best ? 0 : noFaster + 1;
      best = Math.min(best, nanos);
    }
  }
}

package io.disky.bench;

import java.io.IOException;

/**
 * Runs a work before it is measured. A JVM compiles code again and again while it runs. How long
 * that goes on depends on the work, and work with several threads shares the processors with the
 * compiler meanwhile. So a JVM works until it has not become faster for a while.
 */
final class WarmUp {
  /** A warm-up of a JVM takes at most this many times the shortest warm-up. */
  private static final int LONGEST = 8;

  /** Parts of a warm-up that are compared with one another, in the shortest warm-up. */
  private static final int PARTS = 3;

  /** A part is faster than all parts before if it takes less than this share of their time. */
  private static final double FASTER = 0.98;

  private WarmUp() {}

  /**
   * Warms up {@code process}.
   *
   * @param millis the shortest time in milliseconds; all of the time if {@code process} is not a
   *     JVM
   */
  static void run(WorkerProcess process, Contestant.Language language, int millis)
      throws IOException {
    if (language != Contestant.Language.JAVA || millis == 0) {
      process.measure(millis);
      return;
    }
    double best = Double.POSITIVE_INFINITY;
    int noFaster = 0;
    for (int part = 0; part < LONGEST * PARTS && noFaster < PARTS - 1; part++) {
      double nanos = Statistics.median(process.measure(millis / PARTS).nanos());
      noFaster = nanos < FASTER * best ? 0 : noFaster + 1;
      best = Math.min(best, nanos);
    }
  }
}

package io.disky.bench;

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
  /**
   * A budget with its result.
   *
   * @param comparison the short name of the comparison
   * @param work the work in words
   * @param contestant the contestant
   * @param reference the contestant to which it was compared
   * @param required the smallest allowed ratio
   * @param measured the measured ratio of throughputs
   */
  record Outcome(
      String comparison,
      String work,
      String contestant,
      String reference,
      double required,
      Statistics measured) {
    /** Returns whether the ratio, rounded to two digits as in tables, reaches the budget. */
    boolean isReached() {
      return Math.round(100 * measured.median()) >= Math.round(100 * required);
    }
  }

  /** The result; nothing if the contestant or all references did not take part. */
  Optional<Outcome> outcome(CellResult result) {
    Cell cell = result.cell();
    return result
        .of(name)
        .flatMap(series ->
            result
                .fastest(references)
                .map(reference ->
                    new Outcome(
                        cell.id(),
                        cell.work(),
                        name,
                        reference.contestant().name(),
                        ratio,
                        series.ratioTo(reference))));
  }
}

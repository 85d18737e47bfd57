package io.disky.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The results of a cell.
 *
 * @param cell the cell
 * @param series the results of each contestant
 * @param absent the contestants that could not take part, with reasons
 */
record CellResult(Cell cell, List<Series> series, List<String> absent) {
  Optional<Series> of(String name) {
    return series.stream().filter(one -> one.contestant().name().equals(name)).findFirst();
  }

  /** The fastest contestant among {@code names} that took part. */
  Optional<Series> fastest(List<String> names) {
    return series.stream()
        .filter(one -> names.contains(one.contestant().name()))
        .min(Comparator.comparingDouble(one -> one.time().median()));
  }

  /**
   * The contestant to which all are compared: the first limit, or, without a limit, our first
   * contestant.
   */
  Series reference() {
    return series.getFirst();
  }
}

package io.disky.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What was measured at a cell.
 *
 * @param cell the cell
 * @param series of each contestant
 * @param absent who could not take part, and why
 */
record CellResult(Cell cell, List<Series> series, List<String> absent) {
  Optional<Series> of(String name) {
    return series.stream().filter(one -> one.contestant().name().equals(name)).findFirst();
  }

  /** The fastest of those that took part among {@code names}. */
  Optional<Series> fastest(List<String> names) {
    return series.stream()
        .filter(one -> names.contains(one.contestant().name()))
        .min(Comparator.comparingDouble(one -> one.time().median()));
  }

  /** What all are compared with: the first limit, or else our first. */
  Series reference() {
    return series.getFirst();
  }
}

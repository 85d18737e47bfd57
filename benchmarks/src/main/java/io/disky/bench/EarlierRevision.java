package io.disky.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A contestant next to the same work with an earlier revision of the library.
 *
 * @param cell the comparison
 * @param name the contestant
 * @param ratio the ratio of its throughput to that of the earlier revision
 */
record EarlierRevision(Cell cell, String name, Statistics ratio) {
  /** A smaller loss is noise, even if it occurs in all rounds. */
  private static final double NOISE = 0.05;

  /** The ratios of all contestants that took part with both revisions. */
  static List<EarlierRevision> ratios(CellResult result) {
    List<EarlierRevision> ratios = new ArrayList<>();
    for (Series series : result.series()) {
      if (series.contestant().role() == Contestant.Role.OURS) {
        String name = series.contestant().name();
        Optional<Series> before = result.of(Contestants.before(name));
        before.ifPresent(
            other -> ratios.add(new EarlierRevision(result.cell(), name, series.ratioTo(other))));
      }
    }
    return ratios;
  }

  /** Returns whether the contestant has become slower: clearly, and in all rounds. */
  boolean isSlower() {
    return ratio.median() < 1 - NOISE && ratio.most() < 1;
  }
}

package io.disky.bench;

import java.util.ArrayList;
import java.util.List;

/** The table of all comparisons in which a peer is faster, with the reasons. */
final class FasterPeers {
  private FasterPeers() {}

  /** The lines of the table, or of a sentence if no peer is faster. */
  static List<String> table(Results results) {
    if (results.fasterPeers().isEmpty()) {
      return List.of("No peer is faster.");
    }
    List<String> lines = new ArrayList<>();
    lines.add("| | faster peer | ratio to it | reason |");
    lines.add("|---|---|---|---|");
    for (PeerRatio one : results.fasterPeers()) {
      lines.add(
          "| %s: %s | %s | %s | %s |"
              .formatted(
                  one.cell().work(),
                  one.ours().contestant().name(),
                  one.peer().contestant().name(),
                  Units.ratio(one.ratio()),
                  results.reasons().of(one)));
    }
    return lines;
  }
}

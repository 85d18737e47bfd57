package io.disky.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The table of all comparisons in which a peer is faster, with the reasons. A row contains all
 * inputs of an operation for which the same peer is faster for the same reason.
 */
final class FasterPeers {
  private record Row(String operation, String peer, String reason) {}

  private FasterPeers() {}

  /** The lines of the table, or of a sentence if no peer is faster. */
  static List<String> table(Results results) {
    Map<Row, List<PeerRatio>> rows = new LinkedHashMap<>();
    for (PeerRatio one : results.fasterPeers()) {
      String peer = one.peer().contestant().name();
      Row row = new Row(operation(one), peer, results.reasons().of(one));
      rows.computeIfAbsent(row, _ -> new ArrayList<>()).add(one);
    }
    if (rows.isEmpty()) {
      return List.of("No peer is faster.");
    }
    List<String> lines = new ArrayList<>();
    lines.add("| | faster peer | ratio to it | reason |");
    lines.add("|---|---|---|---|");
    rows.forEach((row, ratios) -> lines.add(line(row, ratios)));
    return lines;
  }

  /** The operation; for random access also ours, because it does the operation in several ways. */
  private static String operation(PeerRatio one) {
    Operation operation = one.cell().operation();
    return operation == Operation.RANDOM
        ? operation.title() + ", " + one.ours().contestant().name()
        : operation.title();
  }

  private static String line(Row row, List<PeerRatio> ratios) {
    String inputs =
        ratios.stream().map(one -> one.cell().input()).collect(Collectors.joining("; "));
    return "| %s: %s | %s | %s | %s |"
        .formatted(row.operation(), inputs, row.peer(), range(ratios), row.reason());
  }

  private static String range(List<PeerRatio> ratios) {
    Statistics medians =
        Statistics.of(ratios.stream().mapToDouble(one -> one.ratio().median()).toArray());
    return ratios.size() == 1
        ? Units.ratio(ratios.getFirst().ratio())
        : Units.ratio(medians.least()) + " to " + Units.ratio(medians.most());
  }
}

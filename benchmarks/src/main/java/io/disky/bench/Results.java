package io.disky.bench;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * All results of a run.
 *
 * @param settings the settings of the run
 * @param machine facts about the machine
 * @param cells the comparisons
 * @param coldStart the times of a new JVM
 * @param remote the times of reading remote files
 * @param reasons why peers are faster
 * @param scale how cost and memory depend on the size and number of files
 */
record Results(
    Settings settings,
    Map<String, String> machine,
    List<CellResult> cells,
    StartTimes coldStart,
    RemoteTimes remote,
    Reasons reasons,
    List<ScaleRow> scale) {
  List<Budget.Outcome> budgets() {
    return Stream.of(
            cells.stream().flatMap(cell -> Budgets.outcomes(cell).stream()),
            coldStart.outcomes().stream(),
            remote.outcomes().stream())
        .flatMap(outcomes -> outcomes)
        .toList();
  }

  /** All comparisons in which a peer is faster. */
  List<PeerRatio> fasterPeers() {
    return cells.stream().flatMap(cell -> PeerRatio.toFasterPeers(cell).stream()).toList();
  }

  /** All works that were also measured with an earlier revision. */
  List<EarlierRevision> earlierRevision() {
    return cells.stream().flatMap(cell -> EarlierRevision.ratios(cell).stream()).toList();
  }

  List<CellResult> of(Operation operation) {
    return cells.stream().filter(cell -> cell.cell().operation() == operation).toList();
  }

  /** The contestants that could not take part, each once. */
  List<String> absent() {
    return cells.stream().flatMap(cell -> cell.absent().stream()).distinct().toList();
  }
}

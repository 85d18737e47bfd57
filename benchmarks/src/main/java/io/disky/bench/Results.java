package io.disky.bench;

import java.util.List;
import java.util.Map;

/**
 * All that a run has measured.
 *
 * @param settings how
 * @param machine on what
 * @param cells the comparisons
 * @param coldStart of a new JVM
 * @param scale what cost and memory depend on
 */
record Results(
    Settings settings,
    Map<String, String> machine,
    List<CellResult> cells,
    ColdStart.Times coldStart,
    List<ScaleRow> scale) {
  List<Budget.Outcome> budgets() {
    return cells.stream().flatMap(cell -> Budget.outcomes(cell).stream()).toList();
  }

  List<CellResult> of(Operation operation) {
    return cells.stream().filter(cell -> cell.cell().operation() == operation).toList();
  }

  /** Who could not take part, each once. */
  List<String> absent() {
    return cells.stream().flatMap(cell -> cell.absent().stream()).distinct().toList();
  }
}

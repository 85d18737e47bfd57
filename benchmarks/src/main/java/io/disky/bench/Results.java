package io.disky.bench;

import java.util.List;
import java.util.Map;

/**
 * All results of a run.
 *
 * @param settings the settings of the run
 * @param machine facts about the machine
 * @param cells the comparisons
 * @param coldStart the times of a new JVM
 * @param scale how cost and memory depend on the size and number of files
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

  /** The contestants that could not take part, each once. */
  List<String> absent() {
    return cells.stream().flatMap(cell -> cell.absent().stream()).distinct().toList();
  }
}

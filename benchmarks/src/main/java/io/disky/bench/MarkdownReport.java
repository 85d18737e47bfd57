package io.disky.bench;

import java.util.List;
import java.util.Map;

/** The results as Markdown for people. */
final class MarkdownReport {
  private final Results results;
  private final StringBuilder text = new StringBuilder();

  MarkdownReport(Results results) {
    this.results = results;
  }

  String text() {
    line("# Results");
    line("");
    line("`scripts/bench` wrote this file. [README.md](README.md) describes the measurements.");
    line("Ratios are ratios of throughputs; above 1 is faster. Next to each median are the");
    line("extremes of the %d rounds.".formatted(results.settings().rounds()));
    if (!results.settings().isMeasured()) {
      line("");
      line("**This was a smoke run: the figures mean nothing.**");
    }
    appendMachine();
    appendBudgets();
    for (Operation operation : Operation.values()) {
      appendOperation(operation);
    }
    appendColdStart();
    appendScale();
    return text.toString();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void appendMachine() {
    line("");
    line("| | |");
    line("|---|---|");
    for (Map.Entry<String, String> fact : results.machine().entrySet()) {
      line("| %s | %s |".formatted(fact.getKey(), fact.getValue()));
    }
    for (String absent : results.absent()) {
      line("| not measured | %s |".formatted(absent));
    }
  }

  private void appendBudgets() {
    line("");
    line("## Budgets");
    line("");
    line("| work | ratio | budget | reached |");
    line("|---|---|---|---|");
    for (Budget.Outcome outcome : results.budgets()) {
      line(
          "| %s %s: %s to %s | %s | %s | %s |"
              .formatted(
                  outcome.cell().operation().phrase(),
                  outcome.cell().input(),
                  outcome.budget().name(),
                  outcome.reference().contestant().name(),
                  Units.ratio(outcome.measured()),
                  Units.ratio(outcome.budget().ratio()),
                  verdict(outcome)));
    }
  }

  private String verdict(Budget.Outcome outcome) {
    if (!results.settings().isMeasured()) {
      return "";
    }
    return outcome.isReached() ? "yes" : "**no**";
  }

  private void appendOperation(Operation operation) {
    List<CellResult> cells = results.of(operation);
    if (cells.isEmpty()) {
      return;
    }
    line("");
    line("## %s".formatted(operation.title()));
    for (CellResult cell : cells) {
      appendCell(cell);
    }
  }

  private void appendCell(CellResult result) {
    Cell cell = result.cell();
    String unit = cell.operation().unit();
    line("");
    line("### %s".formatted(cell.input()));
    line("");
    line(
        "%,d %s%s. Ratios to: %s."
            .formatted(
                cell.units(),
                cell.units() == 1 ? unit : unit + "s",
                cell.operation().isOfWholeFiles() ? ", " + Units.bytes(cell.bytes()) : "",
                result.reference().contestant().name()));
    line("");
    line(
        "| | ratio | time per %s | bytes per second | spread | heap per %s | peak memory | file |"
            .formatted(unit, unit));
    line("|---|---|---|---|---|---|---|---|");
    for (Series series : result.series()) {
      appendSeries(result, series);
    }
  }

  private void appendSeries(CellResult result, Series series) {
    Cell cell = result.cell();
    Statistics time = series.time();
    line(
        "| %s | %s | %s | %s | ±%.0f %% | %s | %s | %s |"
            .formatted(
                series.contestant().name(),
                Units.ratio(series.ratioTo(result.reference())),
                Units.nanos(time.median() / cell.units()),
                cell.operation().isOfWholeFiles()
                    ? Units.bytes(cell.bytes() / time.median() * 1e9) + "/s"
                    : "",
                100 * time.spread(),
                series.contestant().language() == Contestant.Language.JAVA
                    ? Units.bytes((double) series.allocated() / cell.units())
                    : "",
                series.peakMemory() == 0 ? "" : Units.bytes(series.peakMemory() * 1024.0),
                series.fileSize() == 0 ? "" : Units.bytes(series.fileSize())));
  }

  private void appendColdStart() {
    line("");
    line("## A new JVM");
    line("");
    line("| | from start to end of the process |");
    line("|---|---|");
    line("| does nothing | %s |".formatted(milliseconds(results.coldStart().empty())));
    line(
        "| reads the first record | %s |"
            .formatted(milliseconds(results.coldStart().firstRecord())));
  }

  private static String milliseconds(Statistics nanos) {
    return "%s (%s to %s)"
        .formatted(
            Units.nanos(nanos.median()), Units.nanos(nanos.least()), Units.nanos(nanos.most()));
  }

  private void appendScale() {
    if (results.scale().isEmpty()) {
      return;
    }
    line("");
    line("## Scale");
    line("");
    line("Lines of 40 bytes. Each row has processes of its own, whose heaps have at most 1 GiB.");
    line("");
    line(
        "| | lines | files in all | read, per line | peak memory | write, per line | peak memory |");
    line("|---|---|---|---|---|---|---|");
    for (ScaleRow row : results.scale()) {
      line(
          "| %s | %,d | %s | %s | %s | %s | %s |"
              .formatted(
                  row.subject(),
                  row.lines(),
                  Units.bytes(row.bytes()),
                  Units.nanos(row.readNanos()),
                  Units.bytes(row.readMemory() * 1024.0),
                  Units.nanos(row.writeNanos()),
                  Units.bytes(row.writeMemory() * 1024.0)));
    }
  }
}

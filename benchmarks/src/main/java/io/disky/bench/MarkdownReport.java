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
    appendFasterPeers();
    appendBudgets();
    appendEarlierRevision();
    for (Operation operation : Operation.values()) {
      appendOperation(operation);
    }
    appendColdStart();
    appendRemote();
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

  private void appendFasterPeers() {
    line("");
    line("## Where a peer is faster");
    line("");
    FasterPeers.table(results).forEach(this::line);
  }

  private void appendEarlierRevision() {
    if (results.earlierRevision().isEmpty()) {
      return;
    }
    line("");
    line("## Compared with the earlier revision");
    line("");
    line("The same work in the same rounds. *Slower*: by more than 5 %, and in every round.");
    line("");
    line("| work | ratio to the earlier revision | slower |");
    line("|---|---|---|");
    for (EarlierRevision earlier : results.earlierRevision()) {
      line(
          "| %s: %s | %s | %s |"
              .formatted(
                  earlier.cell().work(),
                  earlier.name(),
                  Units.ratio(earlier.ratio()),
                  earlier.isSlower() && results.settings().isMeasured() ? "**yes**" : "no"));
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
          "| %s: %s, compared with %s | %s | %s | %s |"
              .formatted(
                  outcome.work(),
                  outcome.contestant(),
                  outcome.reference(),
                  Units.ratio(outcome.measured()),
                  Units.ratio(outcome.required()),
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
    appendPeers(result);
    ComparisonTable table = new ComparisonTable(result);
    line("");
    line(table.header());
    for (Series series : result.series()) {
      line(table.row(series));
    }
  }

  /** Names the best peer of each kind of work. */
  private void appendPeers(CellResult result) {
    for (PeerRatio best : PeerRatio.toBestPeers(result)) {
      line("");
      line(
          "%s has a throughput of %s times that of the best peer, %s."
              .formatted(
                  best.ours().contestant().name(),
                  Units.ratio(best.ratio()),
                  best.peer().contestant().name()));
    }
  }

  private void appendColdStart() {
    line("");
    line("## A new JVM");
    line("");
    line("| | from start to end of the process | more than one that does nothing | times |");
    line("|---|---|---|---|");
    results.coldStart().rows().forEach(this::line);
  }

  private void appendRemote() {
    RemoteTimes remote = results.remote();
    if (remote.rows().isEmpty()) {
      return;
    }
    line("");
    line("## Remote files");
    line("");
    line(
        "%s over HTTP, %s before each answer, 25 MB/s for each connection; ratios to 16 plain"
                .formatted(Units.bytes(remote.size()), Units.nanos(remote.delay()))
            + " connections. Scattered records: ratio to the ideal number of rounds of 64 requests.");
    line("");
    line("| | time | ratio |");
    line("|---|---|---|");
    remote.rows().forEach(this::line);
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

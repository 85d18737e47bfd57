package io.disky.bench;

/** The lines of the table of a comparison. */
final class ComparisonTable {
  private final CellResult result;

  ComparisonTable(CellResult result) {
    this.result = result;
  }

  /** The two lines above the rows. */
  String header() {
    String unit = result.cell().operation().unit();
    return """
    | | ratio | time per %s | bytes per second | spread | heap per %s | peak memory | file |
    |---|---|---|---|---|---|---|---|\
    """
        .formatted(unit, unit);
  }

  /** The row of a contestant. */
  String row(Series series) {
    Cell cell = result.cell();
    Statistics time = series.time();
    return "| %s | %s | %s | %s | ±%.0f %% | %s | %s | %s |"
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
            series.fileSize() == 0 ? "" : Units.bytes(series.fileSize()));
  }
}

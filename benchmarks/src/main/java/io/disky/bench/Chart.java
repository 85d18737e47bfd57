package io.disky.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A chart with bars. Each bar shows a contestant's share of the throughput of the first limit.
 * Plain SVG, readable on light and dark pages.
 */
final class Chart {
  private static final List<String> NAMES =
      List.of(
          Contestants.ITERATION,
          Contestants.ARRAYS,
          Contestants.withThreads(Contestants.PARALLEL, 2),
          Contestants.AVRO,
          Contestants.STREAM,
          Contestants.RIEGELI,
          Contestants.ARRAY_RECORD,
          Contestants.BAGZ);
  private static final List<Dataset> DATASETS =
      List.of(Dataset.LINES, Dataset.CLASSES, Dataset.RANDOM_1KB, Dataset.RANDOM_100KB);

  private static final int WIDTH = 760;

  /** The left end of the bars. Leaves room for the longest label in wide fonts. */
  private static final int LABEL = 200;

  private static final int UNIT = 245;
  private static final double MOST = 2.05;
  private static final int BAR = 14;
  private static final int GAP = 4;

  private final Results results;
  private final StringBuilder shapes = new StringBuilder();
  private int y = 28;

  Chart(Results results) {
    this.results = results;
  }

  String text() {
    for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
      for (CellResult cell : results.of(operation)) {
        if (isShown(cell.cell())) {
          appendGroup(cell);
        }
      }
    }
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" \
    font-size="11">
    <rect width="100%%" height="100%%" fill="#ffffff"/>
    <text x="8" y="16" font-weight="bold" fill="#24292f">Throughput relative to the limit of \
    one thread (line); one thread each unless named; longer is faster</text>
    %s</svg>
    """
        .formatted(WIDTH, y + 8, shapes);
  }

  /**
   * Returns whether the chart shows {@code cell}. Leaves out letters with zstd, which are almost
   * random for it.
   */
  private static boolean isShown(Cell cell) {
    boolean random = cell.dataset() != Dataset.LINES && cell.dataset() != Dataset.CLASSES;
    return DATASETS.contains(cell.dataset()) && !(random && cell.isCompressed());
  }

  private void appendGroup(CellResult result) {
    List<Series> shown = new ArrayList<>();
    for (String name : NAMES) {
      Optional<Series> series = result.of(name);
      series.ifPresent(shown::add);
    }
    Cell cell = result.cell();
    y += 18;
    text(
        8,
        "%s %s (limit: %s)"
            .formatted(
                cell.operation() == Operation.READ ? "Read" : "Write",
                cell.input(),
                result.reference().contestant().name()),
        "#24292f");
    y += 6;
    int top = y;
    for (Series series : shown) {
      appendBar(result, series);
    }
    append(
        "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#cf222e'/>"
            .formatted(LABEL + UNIT, top, LABEL + UNIT, y));
  }

  private void appendBar(CellResult result, Series series) {
    double ratio = series.ratioTo(result.reference()).median();
    boolean ours = series.contestant().role() == Contestant.Role.OURS;
    int length = (int) Math.round(Math.min(ratio, MOST) * UNIT);
    append(
        "<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>"
            .formatted(LABEL, y, Math.max(1, length), BAR, ours ? "#0969da" : "#afb8c1"));
    y += BAR - 3;
    text(20, series.contestant().name(), ours ? "#0969da" : "#57606a");
    // In a column of their own. Right after a long bar they would cross the line of the limit.
    text(WIDTH - 40, String.format(Locale.ROOT, "%.2f", ratio), "#57606a");
    y += GAP + 3;
  }

  private void text(int x, String text, String colour) {
    append("<text x='%d' y='%d' fill='%s'>%s</text>".formatted(x, y, colour, text));
  }

  private void append(String shape) {
    shapes.append(shape.replace('\'', '"')).append('\n');
  }
}

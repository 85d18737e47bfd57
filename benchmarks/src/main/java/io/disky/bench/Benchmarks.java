package io.disky.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Measures everything and writes tables, figures and a chart. */
public final class Benchmarks {
  private static final int LEVEL = 3;

  private final Settings settings;
  private final Pattern wanted;
  private final Corpus corpus;

  private Benchmarks(Settings settings, Pattern wanted) throws IOException {
    this.settings = settings;
    this.wanted = wanted;
    this.corpus = new Corpus(settings);
  }

  /**
   * Runs the benchmarks.
   *
   * @param args {@code full}, {@code short} or {@code smoke}; then, optionally, a regular
   *     expression. Only comparisons whose name contains a match run
   */
  public static void main(String[] args) throws IOException {
    // Programs read the output, so it must not depend on the locale.
    Locale.setDefault(Locale.ROOT);
    Pattern wanted = Pattern.compile(args.length > 1 ? args[1] : "");
    Results results = new Benchmarks(Settings.of(args[0]), wanted).run();
    write(results);
  }

  private static void write(Results results) throws IOException {
    Path output = Files.createDirectories(results.settings().output());
    String markdown = new MarkdownReport(results).text();
    Files.writeString(output.resolve("results.md"), markdown);
    Files.writeString(output.resolve("results.json"), new JsonReport(results).text());
    Files.writeString(output.resolve("chart.svg"), new Chart(results).text());
    String readme = System.getProperty("disky.bench.readme", "");
    if (!readme.isEmpty()) {
      new ReadmeTables(results).renew(Path.of(readme));
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(markdown);
    out.println("Written to " + output);
  }

  private Results run() throws IOException {
    List<CellResult> cells = new ArrayList<>();
    for (Dataset dataset : settings.datasets()) {
      for (int level : new int[] {0, LEVEL}) {
        for (Cell cell : cells(dataset, level)) {
          if (wanted.matcher(cell.id()).find()) {
            System.out.println("measuring " + cell.id());
            cells.add(new Comparison(settings, corpus).run(cell));
          }
        }
        corpus.clear();
      }
    }
    System.out.println("measuring the start of a JVM, remote files, and scale");
    StartTimes coldStart =
        new ColdStart(settings, corpus).run(cell(Operation.FIRST_RECORD, Dataset.LINES, 0, 1));
    RemoteTimes remote =
        wanted.matcher("remote").find() ? new RemoteFiles(settings).run() : RemoteFiles.none();
    List<ScaleRow> scale =
        wanted.matcher("scale").find() ? new Scale(settings, corpus).run() : List.of();
    corpus.clear();
    Reasons reasons = new Reasons(Path.of(System.getProperty("disky.bench.reasons")));
    return new Results(
        settings, Machine.describe(settings), cells, coldStart, remote, reasons, scale);
  }

  private List<Cell> cells(Dataset dataset, int level) throws IOException {
    List<Cell> cells = new ArrayList<>();
    if (level != 0 && !dataset.isAlsoCompressed()) {
      return List.of();
    }
    long records = corpus.records(dataset).count();
    if (dataset == Dataset.MESSAGES) {
      // The names of the contestants say which compression each has.
      return level == 0 ? List.of() : List.of(cell(Operation.FIELD, dataset, level, records));
    }
    // A smoke run runs each work at least once.
    if (!settings.isMeasured() && dataset != Dataset.LINES) {
      return level == 0 ? List.of() : List.of(random(dataset, level, records));
    }
    cells.add(cell(Operation.READ, dataset, level, records));
    cells.add(cell(Operation.WRITE, dataset, level, records));
    switch (dataset) {
      case LINES -> {
        if (level == 0 && !settings.isMeasured()) {
          break;
        }
        cells.add(random(dataset, level, records));
        cells.add(cell(Operation.FIRST_RECORD, dataset, level, 1));
        cells.add(cell(Operation.SMALL_READ, dataset, level, settings.files()));
        cells.add(cell(Operation.SMALL_WRITE, dataset, level, settings.files()));
      }
      case RANDOM_1KB -> {
        cells.add(random(dataset, level, records));
        cells.add(cell(Operation.LOAD, dataset, level, records));
      }
      case RANDOM_100KB -> cells.add(random(dataset, level, records));
      case CLASSES, MESSAGES, RANDOM_100B, RANDOM_10KB, RANDOM_1MB, RANDOM_5MB -> {}
    }
    return cells;
  }

  /**
   * A cell of random access. A run takes some milliseconds if each record is a group; for a line, a
   * run decodes its chunk.
   */
  private Cell random(Dataset dataset, int level, long records) throws IOException {
    long most =
        switch (dataset) {
          case LINES -> 1_000;
          case RANDOM_100KB -> 200;
          default -> 10_000;
        };
    return cell(Operation.RANDOM, dataset, level, Math.min(records, most));
  }

  private Cell cell(Operation operation, Dataset dataset, int level, long units)
      throws IOException {
    RecordsFile records = corpus.records(dataset);
    long bytes = records.bytes() / Math.max(1, records.count()) * units;
    return new Cell(
        operation, dataset, level, units, operation.isOfWholeFiles() ? records.bytes() : bytes);
  }
}

package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Renews the tables of docs/benchmarks/README.md that contain results. A table stands between the
 * lines {@code <!-- results: COMPARISON -->} and {@code <!-- end of results -->}. It keeps its
 * choice and order of contestants.
 */
final class ReadmeTables {
  private static final Pattern BEGIN = Pattern.compile("<!-- results: (\\S+) -->");
  private static final Pattern ROW = Pattern.compile("\\| ([^|]+) \\|.*");
  private static final String END = "<!-- end of results -->";

  private final Results results;

  ReadmeTables(Results results) {
    this.results = results;
  }

  void renew(Path readme) throws IOException {
    Files.writeString(readme, String.join("\n", renewed(Files.readAllLines(readme))) + "\n");
  }

  private List<String> renewed(List<String> lines) throws IOException {
    List<String> renewed = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      renewed.add(lines.get(i));
      Matcher begin = BEGIN.matcher(lines.get(i));
      if (begin.matches()) {
        List<String> rest = lines.subList(i + 1, lines.size());
        int length = rest.indexOf(END);
        if (length < 0) {
          throw new IOException(lines.get(i) + " has no end");
        }
        renewed.addAll(table(begin.group(1), rest.subList(0, length)));
        i += length;
      }
    }
    return renewed;
  }

  /** The lines that replace {@code lines}; the same lines if this run has no results for them. */
  private List<String> table(String name, List<String> lines) {
    return results.cells().stream()
        .filter(result -> result.cell().id().equals(name))
        .findFirst()
        .map(result -> lines.stream().map(line -> row(result, line)).toList())
        .orElse(lines);
  }

  private static String row(CellResult result, String line) {
    Matcher row = ROW.matcher(line);
    if (!row.matches()) {
      return line;
    }
    ComparisonTable table = new ComparisonTable(result);
    return result.of(row.group(1)).map(table::row).orElse(line);
  }
}

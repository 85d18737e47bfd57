package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The reasons why peers are faster, written by people after a look at profiles. Each line of the
 * file is {@code COMPARISON | PEER | REASON}. COMPARISON is a regular expression for the short
 * names of comparisons. Empty lines, and lines that begin with {@code #}, have no meaning.
 */
final class Reasons {
  private static final String UNKNOWN = "not explained yet";

  private record Reason(Pattern comparison, String peer, String text) {}

  private final List<Reason> reasons = new ArrayList<>();

  Reasons(Path file) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        reasons.add(parse(line));
      }
    }
  }

  private static Reason parse(String line) throws IOException {
    String[] parts = line.split(" \\| ", 3);
    if (parts.length < 3) {
      throw new IOException("not COMPARISON | PEER | REASON: " + line);
    }
    return new Reason(Pattern.compile(parts[0]), parts[1], parts[2]);
  }

  /** The first reason for the comparison and the peer of {@code ratio}, or that there is none. */
  String of(PeerRatio ratio) {
    String comparison = ratio.cell().id();
    String peer = ratio.peer().contestant().name();
    return reasons.stream()
        .filter(reason -> reason.peer().equals(peer))
        .filter(reason -> reason.comparison().matcher(comparison).matches())
        .map(Reason::text)
        .findFirst()
        .orElse(UNKNOWN);
  }
}

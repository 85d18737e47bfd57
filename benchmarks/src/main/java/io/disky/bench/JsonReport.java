package io.disky.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The results for programs: nanoseconds, bytes, and ratios of throughputs. */
final class JsonReport {
  private final Results results;

  JsonReport(Results results) {
    this.results = results;
  }

  String text() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("run", results.settings().name());
    all.put("machine", results.machine());
    all.put("budgets", results.budgets().stream().map(JsonReport::budget).toList());
    all.put("comparisons", results.cells().stream().map(JsonReport::cell).toList());
    all.put("faster_peers", results.fasterPeers().stream().map(this::fasterPeer).toList());
    all.put(
        "earlier_revision",
        results.earlierRevision().stream().map(JsonReport::earlierRevision).toList());
    all.put(
        "start_of_a_jvm",
        map(
            "empty_nanos", results.coldStart().empty(),
            "first_record_nanos", results.coldStart().firstRecord(),
            "first_record_before_nanos", results.coldStart().before()));
    all.put(
        "remote",
        map(
            "bytes", results.remote().size(),
            "passes_nanos", results.remote().passes().stream().map(JsonReport::passes).toList(),
            "visits", results.remote().visits().stream().map(JsonReport::visit).toList()));
    all.put("scale", results.scale().stream().map(JsonReport::scale).toList());
    return json(all, "\n") + "\n";
  }

  private static Map<String, Object> passes(RemoteTimes.Passes passes) {
    return map(
        "first", passes.first(),
        "plain_after_first", passes.plainFirst(),
        "later", passes.later(),
        "plain_after_later", passes.plainLater());
  }

  private static Map<String, Object> visit(RemoteTimes.Visit visit) {
    return map("nanos", visit.nanos(), "requests", visit.requests());
  }

  private static Map<String, Object> budget(Budget.Outcome outcome) {
    return map(
        "comparison", outcome.comparison(),
        "contestant", outcome.contestant(),
        "reference", outcome.reference(),
        "required", outcome.required(),
        "measured", statistics(outcome.measured()),
        "reached", outcome.isReached());
  }

  private static Map<String, Object> cell(CellResult result) {
    Cell cell = result.cell();
    List<Object> contestants = new ArrayList<>();
    for (Series series : result.series()) {
      contestants.add(
          map(
              "contestant", series.contestant().name(),
              "ratio", statistics(series.ratioTo(result.reference())),
              "nanos_per_run", series.nanos(),
              "allocated_per_run", series.allocated(),
              "peak_memory_kib", series.peakMemory(),
              "file_size", series.fileSize()));
    }
    return map(
        "comparison", cell.id(),
        "unit", cell.operation().unit(),
        "units", cell.units(),
        "bytes", cell.bytes(),
        "reference", result.reference().contestant().name(),
        "contestants", contestants,
        "best_peers", PeerRatio.toBestPeers(result).stream().map(JsonReport::peer).toList(),
        "absent", result.absent());
  }

  private Map<String, Object> fasterPeer(PeerRatio ratio) {
    Map<String, Object> peer = map("comparison", ratio.cell().id());
    peer.putAll(peer(ratio));
    peer.put("reason", results.reasons().of(ratio));
    return peer;
  }

  private static Map<String, Object> peer(PeerRatio ratio) {
    return map(
        "contestant", ratio.ours().contestant().name(),
        "peer", ratio.peer().contestant().name(),
        "ratio", statistics(ratio.ratio()));
  }

  private static Map<String, Object> earlierRevision(EarlierRevision earlier) {
    return map(
        "comparison", earlier.cell().id(),
        "contestant", earlier.name(),
        "ratio", statistics(earlier.ratio()),
        "slower", earlier.isSlower());
  }

  private static Map<String, Object> scale(ScaleRow row) {
    return map(
        "subject", row.subject(),
        "lines", row.lines(),
        "bytes", row.bytes(),
        "read_nanos_per_line", row.readNanos(),
        "read_peak_memory_kib", row.readMemory(),
        "write_nanos_per_line", row.writeNanos(),
        "write_peak_memory_kib", row.writeMemory());
  }

  private static Map<String, Object> statistics(Statistics statistics) {
    return map(
        "median", statistics.median(), "least", statistics.least(), "most", statistics.most());
  }

  private static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private static String json(Object value, String newline) {
    String inner = newline + "  ";
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> quoted(entry.getKey()) + ": " + json(entry.getValue(), inner))
              .collect(Collectors.joining("," + inner, "{" + inner, newline + "}"));
      case List<?> list when list.stream().allMatch(item -> item instanceof Number) ->
          list.stream().map(item -> json(item, inner)).collect(Collectors.joining(", ", "[", "]"));
      case List<?> list ->
          list.stream()
              .map(item -> json(item, inner))
              .collect(Collectors.joining("," + inner, "[" + inner, newline + "]"));
      // No measurement is more precise than six digits.
      case Double number -> Double.toString(Double.parseDouble(String.format("%.6g", number)));
      case Number number -> number.toString();
      case Boolean bool -> bool.toString();
      default -> quoted(value);
    };
  }

  private static String quoted(Object text) {
    return '"' + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}

package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.Repair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --json}: a JSON object in a line for each result, with the keys that the help names. */
class JsonOutputTest {
  @TempDir private Path directory;
  private Path file;
  private Path torn;

  @BeforeEach
  void write() throws IOException {
    file = RecordTexts.write(directory.resolve("a \"name\""), "one", "two");
    byte[] bytes = Files.readAllBytes(file);
    torn = directory.resolve("torn");
    Files.write(torn, Arrays.copyOf(bytes, bytes.length - 1));
  }

  private static List<Map<?, ?>> objects(CliRun run) {
    return run.text().lines().<Map<?, ?>>map(line -> (Map<?, ?>) JsonText.parse(line)).toList();
  }

  private static Map<?, ?> object(CliRun run) {
    List<Map<?, ?>> objects = objects(run);
    assertThat(objects).hasSize(1);
    return objects.getFirst();
  }

  /** The keys that the help of a command lists, in its order. */
  private static void checkKeys(String command, Map<?, ?> object) {
    String help = CliRun.of(command, "--help").succeeds().text();
    for (Object key : object.keySet()) {
      assertThat(help).containsPattern("(?s)Keys of the JSON.*\\b" + key + "\\b");
    }
  }

  @Test
  void count() {
    List<Map<?, ?>> counts = objects(CliRun.of("count", "--json", file, file).succeeds());
    Map<String, Object> each = Map.of("file", file.toString(), "records", 2L);
    Map<String, Object> total = Map.of("total", 4L, "counted", 2L, "files", 2L);
    assertThat(counts).isEqualTo(List.of(each, each, total));
    counts.forEach(object -> checkKeys("count", object));
    assertThat(objects(CliRun.of("count", "--json", file).succeeds())).isEqualTo(List.of(each));
  }

  @Test
  void verify() {
    CliRun run = CliRun.of("verify", "--json", file, torn);
    assertThat(run.status()).isEqualTo(1);
    List<Map<?, ?>> results = objects(run);
    assertThat(results.get(0))
        .isEqualTo(
            Map.of(
                "file",
                file.toString(),
                "intact",
                true,
                "lacksIndex",
                false,
                "damaged",
                List.of()));
    assertThat(results.get(1).get("intact")).isEqualTo(false);
    Map<?, ?> damage = (Map<?, ?>) ((List<?>) results.get(1).get("damaged")).getFirst();
    assertThat(damage.keySet()).hasToString("[begin, end, reason]");
    checkKeys("verify", results.get(1));
  }

  @Test
  void digest() {
    Map<?, ?> digest = object(CliRun.of("digest", "--json", file).succeeds());
    String line = CliRun.of("digest", file).succeeds().text();
    assertThat(line).startsWith(digest.get("sha256") + "  2 6 ");
    assertThat(digest.get("records")).isEqualTo(2L);
    assertThat(digest.get("recordBytes")).isEqualTo(6L);
    checkKeys("digest", digest);
  }

  @Test
  void index() {
    Map<?, ?> index = object(CliRun.of("index", "--json", file).succeeds());
    assertThat(index)
        .isEqualTo(Map.of("file", file.toString(), "index", file + ".index", "records", 2L));
    checkKeys("index", index);
  }

  @Test
  void repair() throws IOException {
    Map<?, ?> found = object(CliRun.of("repair", "--dry-run", "--json", torn).succeeds());
    Repair repair = RecordWriter.findTornTail(torn).orElseThrow();
    assertThat(found.get("torn")).isEqualTo(true);
    assertThat(found.get("cut")).isEqualTo(false);
    assertThat(found.get("sizeBefore")).isEqualTo(repair.sizeBefore());
    assertThat(found.get("sizeAfter")).isEqualTo(repair.sizeAfter());
    assertThat(found.get("reason")).isEqualTo(repair.reason());
    checkKeys("repair", found);
    assertThat(object(CliRun.of("repair", "--json", torn).succeeds()).get("cut")).isEqualTo(true);
    assertThat(object(CliRun.of("repair", "--json", torn).succeeds()))
        .isEqualTo(Map.of("file", torn.toString(), "torn", false, "cut", false));
  }

  @Test
  void recover() throws IOException {
    Path out = directory.resolve("out");
    List<Map<?, ?>> reports = objects(CliRun.of("recover", "--json", file, torn, out).succeeds());
    assertThat(reports.get(0).get("skippedBytes")).isEqualTo(0L);
    assertThat((Long) reports.get(1).get("skippedBytes")).isPositive();
    assertThat((List<?>) reports.get(1).get("skipped")).hasSize(1);
    assertThat(RecordTexts.in(out)).containsExactly("one", "two");
    checkKeys("recover", Map.of("file", 0, "skipped", 0, "skippedBytes", 0));
    CliRun.of("recover", "--json", file, "-").isRefused("--json needs standard output");
  }

  @Test
  void diff() throws IOException {
    Path other = RecordTexts.write(directory.resolve("other"), "one", "twi", "three");
    CliRun run = CliRun.of("diff", "--json", file, other);
    assertThat(objects(run))
        .containsExactly(
            Map.of("record", 1L, "sizes", List.of(3L, 3L), "equalTo", 2L),
            Map.of("record", 2L, "surplus", -1L));
    Map<?, ?> unordered =
        objects(CliRun.of("diff", "--json", "--unordered", file, other)).getFirst();
    assertThat(unordered.keySet()).hasToString("[record, size, surplus]");
  }

  @Test
  void plan() {
    Map<?, ?> plan = object(CliRun.of("plan", "--json", "--batch-size=2", file).succeeds());
    assertThat(plan.get("steps")).isEqualTo(1L);
    assertThat(plan.get("records")).isEqualTo(2L);
    checkKeys("plan", plan);
  }

  @Test
  void listOfFiles() throws IOException {
    Path source = Files.writeString(directory.resolve("source"), "text", UTF_8);
    Path out = directory.resolve("out.riegeli");
    CliRun.of("write", "--files", "--with-names", out, source).succeeds();
    Map<?, ?> listed = object(CliRun.of("extract", "--list", "--json", out, directory).succeeds());
    assertThat((String) listed.get("path")).endsWith("source");
    assertThat(listed.get("size")).isEqualTo(4L);
    CliRun.of("extract", "--json", out, directory).isRefused("--json needs --list");
  }

  @Test
  void severalDescriptions() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    RecordTexts.write(folder.resolve("shard_0"), "a");
    RecordTexts.write(folder.resolve("shard_1"), "a", "b");
    String text = CliRun.of("describe", "--json", folder).succeeds().text();
    String[] objects = text.split("(?<=\n)(?=\\{)", -1);
    assertThat(objects).hasSize(2);
    assertThat(((Map<?, ?>) JsonText.parse(objects[1])).get("records")).isEqualTo(2L);
    assertThat(CliRun.of("describe", folder).succeeds().text())
        .contains("shard_0", "\n\n", "shard_1");
  }
}

package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.GoldenManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code disky diff} and {@code disky merge}. */
class DiffCommandTest {
  private static final long SEED = 4_717;

  @TempDir Path directory;

  private Path write(String name, String... records) throws IOException {
    return RecordTexts.write(directory.resolve(name), records);
  }

  private static void differs(CliRun run, String... lines) {
    assertThat(run.messages()).isEmpty();
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.text().lines()).containsExactly(lines);
  }

  @Test
  void layoutsMakeNoDifference() throws IOException {
    Path a = GoldenManifest.entry("riegeli/mixed.zstd.riegeli").location();
    for (String b : List.of("riegeli/mixed.none.riegeli", "arrayrecord/mixed.zstd.arrayrecord")) {
      Path other = GoldenManifest.entry(b).location();
      if (GoldenManifest.entry(b)
          .digest()
          .equals(GoldenManifest.entry("riegeli/mixed.zstd.riegeli").digest())) {
        CliRun.of("diff", a, other).succeeds();
        CliRun.of("diff", "--unordered", a, other).succeeds();
      }
    }
    Path there = directory.resolve("there");
    CliRun.of("convert", "--chunk-size=999", "--no-metadata", a, there).succeeds();
    assertThat(CliRun.of("diff", a, there).succeeds().output()).isEmpty();
    assertThat(CliRun.of("diff", "--unordered", a, there).succeeds().output()).isEmpty();
    assertThat(CliRun.with(Files.readAllBytes(there), "diff", a, "-").succeeds().output())
        .isEmpty();
  }

  @Test
  void printsWhatDiffers() throws IOException {
    Path a = write("a", "one", "two", "three");
    differs(
        CliRun.of("diff", a, write("b", "one", "twi", "three")),
        "record 1: 3 and 3 bytes, equal up to byte 2");
    differs(
        CliRun.of("diff", a, write("c", "one", "two")), "the first has 1 more record, number 2");
    differs(CliRun.of("diff", write("d"), a), "the second has 3 more records, from number 0");
    differs(
        CliRun.of("diff", a, write("e", "", "twofold", "three", "four")),
        "record 0: 3 and 0 bytes, equal up to byte 0",
        "record 1: 3 and 7 bytes, equal up to byte 3",
        "the second has 1 more record, number 3");
    differs(
        CliRun.of("diff", "--limit=1", a, directory.resolve("e")),
        "record 0: 3 and 0 bytes, equal up to byte 0");
    differs(CliRun.of("diff", "-q", a, directory.resolve("e")));
    CliRun.of("diff", directory.resolve("d"), directory.resolve("d")).succeeds();
  }

  @Test
  void setsOfFilesAreOneSequence() throws IOException {
    Path set = Files.createDirectory(directory.resolve("set"));
    RecordTexts.write(set.resolve("s_0"), "1", "2");
    RecordTexts.write(set.resolve("s_1"));
    RecordTexts.write(set.resolve("s_10"), "4");
    RecordTexts.write(set.resolve("s_9"), "3");
    CliRun.of("diff", set, write("a", "1", "2", "3", "4")).succeeds();
    CliRun.of("diff", set.resolve("s_*"), directory.resolve("a")).succeeds();
    differs(
        CliRun.of("diff", set.resolve("s_?"), directory.resolve("a")),
        "the second has 1 more record, number 3");
  }

  @Test
  void withoutOrderTheNumbersOfEqualRecordsCount() throws IOException {
    Path a = write("a", "x", "y", "x", "");
    CliRun.of("diff", "--unordered", a, write("b", "", "x", "x", "y")).succeeds();
    differs(
        CliRun.of("diff", "--unordered", a, write("c", "", "x", "y")),
        "record 0 of A (1 bytes) occurs 1 times more in A");
    differs(
        CliRun.of(
            "diff", "--unordered", write("d", "z", "x", "yy", "yy", "yy"), write("e", "x", "z")),
        "record 2 of A (2 bytes) occurs 3 times more in A");
    differs(
        CliRun.of("diff", "--unordered", write("f", "q"), write("g", "q", "rrr")),
        "record 1 of B (3 bytes) occurs 1 times more in B");
    differs(CliRun.of("diff", "--unordered", "-q", a, directory.resolve("g")));
  }

  /** More records than the memory holds digests of: several passes find the same. */
  @Test
  void boundedMemoryFindsTheSame() throws IOException {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      records.add("record " + i % 15_000);
    }
    Path a = write("a", records.toArray(String[]::new));
    Collections.shuffle(records, new Random(SEED));
    Path b = write("b", records.toArray(String[]::new));
    records.set(77, "another");
    Path c = write("c", records.toArray(String[]::new));
    UnorderedDifference passes =
        new UnorderedDifference(
            which -> {
              throw new AssertionError("nothing is opened");
            },
            40_000,
            1 << 20);
    assertThat(passes.passes()).isEqualTo(7);
    CliRun.of("diff", "--unordered", "--memory=1MiB", a, b).succeeds();
    for (String memory : List.of("1MiB", "256MiB")) {
      CliRun run = CliRun.of("diff", "--unordered", "--memory", memory, a, c);
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.text().lines())
          .hasSize(2)
          .anyMatch(line -> line.equals("record 77 of B (7 bytes) occurs 1 times more in B"));
    }
    CliRun.of("diff", "--memory=1", a, b).isRefused("--memory");
  }

  @Test
  void errorsAreNotDifferences() throws IOException {
    Path a = write("a", "one");
    Path missing = directory.resolve("missing");
    for (String option : List.of("--threads=1", "--unordered")) {
      CliRun run = CliRun.of("diff", option, a, missing);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.messages()).contains(missing.toString());
      Path text = RecordTexts.file(directory.resolve("text"), "no record file".repeat(10));
      assertThat(CliRun.of("diff", option, text, a).status()).isEqualTo(2);
    }
    CliRun.of("diff", "-", "-").isRefused("standard input");
    CliRun.of("diff", "--limit=0", a, a).isRefused("--limit");
  }

  // merge

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,c,e ; b,d | a,b,c,d,e",
        "a,a ; a ; a,b | a,a,a,a,b",
        "_ ; a | ,a",
        "b ; a,aa,ab | a,aa,ab,b",
        "z ; \u00ff ; A | A,z,\u00ff"
      })
  void mergesSortedFiles(String inputs, String expected) throws IOException {
    List<Object> args = new ArrayList<>(List.of("merge"));
    for (String input : inputs.split(" ; ", -1)) {
      args.add(write("in" + args.size(), input.replace("_", "").split(",", -1)));
    }
    Path out = directory.resolve("out");
    args.add(out);
    CliRun.of(args.toArray()).succeeds();
    assertThat(String.join(",", RecordTexts.in(out))).isEqualTo(expected);
  }

  @Test
  void mergesManyLargeFiles() throws IOException {
    Random random = new Random(SEED);
    List<String> all = new ArrayList<>();
    List<Object> args = new ArrayList<>(List.of("merge", "--chunk-size=5K"));
    for (int file = 0; file < 20; file++) {
      List<String> records = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        records.add(Integer.toString(random.nextInt(3000), 36));
      }
      Collections.sort(records);
      all.addAll(records);
      args.add(write("in" + file, records.toArray(String[]::new)));
    }
    Collections.sort(all);
    Path out = directory.resolve("out");
    args.add(out);
    CliRun.of(args.toArray()).succeeds();
    assertThat(RecordTexts.in(out)).as("seed %d", SEED).isEqualTo(all);
  }

  @Test
  void refusesFilesThatAreNotSorted() throws IOException {
    Path sorted = write("sorted", "a", "c");
    Path wrong = write("wrong", "a", "c", "b");
    Path out = directory.resolve("out");
    CliRun.of("merge", sorted, wrong, out)
        .fails(wrong + ": record 64/2 is less than the record before it", "not sorted", "removed");
    assertThat(out).doesNotExist();
    CliRun.of("merge", sorted, sorted, sorted).isRefused("both IN and OUT");
    CliRun.of("merge", sorted).isRefused("OUT");
    CliRun.of("merge", "--container=array_record", sorted, sorted, out).succeeds();
    CliRun.of("merge", sorted, out).fails("exists already");
    assertThat(RecordTexts.in(out).subList(0, 4)).containsExactly("a", "a", "c", "c");
  }
}

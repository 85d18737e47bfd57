package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code disky split}. */
class SplitCommandTest {
  @TempDir Path directory;
  private Path in;
  private Path out;

  @BeforeEach
  void nameFiles() throws IOException {
    in = RecordTexts.write(directory.resolve("in"), texts(10));
    out = directory.resolve("out");
  }

  private static String[] texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "record " + i).toArray(String[]::new);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private List<List<String>> shards(int count) throws IOException {
    List<List<String>> shards = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shards.add(RecordTexts.in(out.resolve("shard_" + i)));
    }
    assertThat(names(out)).hasSize(count);
    return shards;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1", "0, 3", "1, 1", "1, 5", "10, 1", "10, 2", "10, 3", "10, 4", "10, 9", "10, 10", "10, 11",
    "1000, 7"
  })
  void splitsEvenly(int records, int count) throws IOException {
    Path input = RecordTexts.write(directory.resolve("input"), texts(records));
    CliRun.of("split", "--shards", count, "--output-directory", out, input).succeeds();
    List<List<String>> contiguous = shards(count);
    assertThat(contiguous.stream().flatMap(List::stream)).containsExactly(texts(records));
    assertEven(contiguous, records);

    CliRun.of(
            "split",
            "--force",
            "--round-robin",
            "--shards",
            count,
            "--output-directory",
            out,
            input)
        .succeeds();
    List<List<String>> turns = shards(count);
    assertEven(turns, records);
    for (int i = 0; i < records; i++) {
      assertThat(turns.get(i % count).get(i / count)).isEqualTo("record " + i);
    }
  }

  private static void assertEven(List<List<String>> shards, int records) {
    int few = records / shards.size();
    for (int i = 0; i < shards.size(); i++) {
      int more = i < records % shards.size() ? 1 : 0;
      assertThat(shards.get(i)).hasSize(few + more);
    }
  }

  @Test
  void namesShardsAndWritesThemAsItIsTold() throws IOException {
    CliRun.of(
            "split",
            "--contiguous",
            "--shards=2",
            "--prefix=part",
            "--container=array_record",
            "--threads=2",
            "--output-directory",
            out,
            in)
        .succeeds();
    assertThat(names(out)).containsExactly("part_0", "part_1");
    assertThat(CliRun.of("describe", out.resolve("part_1")).succeeds().text())
        .contains("array_record");
    assertThat(CliRun.of("count", out.resolve("part_0")).succeeds().text()).isEqualTo("5\n");
  }

  @Test
  void joinsShardsAndReadsStandardInput() throws IOException {
    CliRun.of("split", "--shards=3", "--output-directory", out, in).succeeds();
    Path again = directory.resolve("again");
    CliRun.of("split", "--shards=2", "--output-directory", again, out).succeeds();
    assertThat(RecordTexts.in(again.resolve("shard_1"))).startsWith("record 5").hasSize(5);
    Path input = directory.resolve("input");
    CliRun.with(Files.readAllBytes(in), "split", "--shards=2", "--output-directory", input, "-")
        .succeeds();
    assertThat(RecordTexts.in(input.resolve("shard_0"))).startsWith("record 0").hasSize(5);
  }

  @Test
  void copiesMetadata() throws IOException {
    Path commented = GoldenManifest.entry("riegeli/lines.zstd.riegeli").location();
    CliRun.of("split", "--shards=2", "--dialect=riegeli", "--output-directory", out, commented)
        .succeeds();
    for (String name : names(out)) {
      try (RecordReader reader = RecordReader.open(out.resolve(name))) {
        assertThat(reader.metadata())
            .contains(RecordsMetadata.empty().withFileComment("golden lines zstd"));
      }
    }
  }

  @Test
  void leavesExistingShardsAlone() throws IOException {
    Files.createDirectory(out);
    RecordTexts.write(out.resolve("shard_7"), "old");
    RecordTexts.write(out.resolve("other"), "old");
    CliRun.of("split", "--shards=2", "--output-directory", out, in)
        .fails(out.resolve("shard_7") + ": exists already; --force removes");
    assertThat(names(out)).containsExactly("other", "shard_7");
    CliRun.of("split", "--force", "--shards=2", "--output-directory", out, in).succeeds();
    assertThat(names(out)).containsExactly("other", "shard_0", "shard_1");
  }

  @Test
  void aFailureRemovesTheShards() throws IOException {
    Path golden = GoldenManifest.entry("disky/lines.none.disky").location();
    Path damaged =
        Files.write(
            directory.resolve("damaged"), FileDamage.flip(Files.readAllBytes(golden), 150_000));
    for (String way : new String[] {"--contiguous", "--round-robin"}) {
      CliRun.of("split", way, "--shards=2", "--output-directory", out, damaged)
          .fails(damaged + ": byte 1", out + ": ", "removed, because");
      assertThat(out).doesNotExist();
    }
    Files.createDirectories(out.resolve("shard_1"));
    CliRun.of("split", "--force", "--shards=3", "--output-directory", out, in)
        .fails("shard_1", out + ": 1 shard removed, because it is incomplete");
    assertThat(names(out)).containsExactly("shard_1");
  }

  @Test
  void refusesWrongUsage() throws IOException {
    CliRun.of("split", in).isRefused("--shards");
    CliRun.of("split", "--shards=0", in).isRefused("--shards");
    CliRun.of("split", "--shards=x", in).isRefused("'x' is not a number of shards");
    CliRun.of("split", "--shards=2", "--contiguous", "--round-robin", in)
        .isRefused("mutually exclusive");
    CliRun.of("split", "--shards=2", "--prefix=a/b", "--output-directory", out, in)
        .isRefused("a/b");
    CliRun.of("split", "--shards=2", "--atomic", "--output-directory", out, in)
        .isRefused("--atomic and --shards cannot be combined");
    CliRun.of("split", "--shards=2", "--output-directory=-", in).isRefused("needs a directory");
    CliRun.of("split", "--shards=2", "--output-directory", in, in)
        .fails(in + ": is not a directory");
    Files.createDirectory(out);
    Path shard = RecordTexts.write(out.resolve("shard_0"), "a");
    CliRun.of("split", "--force", "--shards=2", "--output-directory", out, shard)
        .isRefused(shard + " is an input and would be overwritten");
    CliRun.of("split", "--force", "--shards=2", "--output-directory", out, out)
        .isRefused(shard + " is an input and would be overwritten");
    CliRun.of("split", "--force", "--prefix=x", "--shards=2", "--output-directory", out, out)
        .isRefused(out + " is an input and would be overwritten");
    assertThat(RecordTexts.in(shard)).containsExactly("a");
  }
}

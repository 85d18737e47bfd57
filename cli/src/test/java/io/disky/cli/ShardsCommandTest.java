package io.disky.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The options for shards and threads. */
@Timeout(120)
class ShardsCommandTest {
  private static final int RECORDS = 500;

  @TempDir Path directory;
  private Path out;

  @BeforeEach
  void nameOutput() {
    out = directory.resolve("out");
  }

  private static List<String> records() {
    return IntStream.range(0, RECORDS).mapToObj(i -> "record %04d".formatted(i)).toList();
  }

  private static String lines() {
    return String.join("\n", records()) + "\n";
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** The records of all files in a directory, sorted. */
  private static List<String> sorted(Path directory) throws IOException {
    List<String> all = new ArrayList<>();
    for (String name : names(directory)) {
      all.addAll(RecordTexts.in(directory.resolve(name)));
    }
    Collections.sort(all);
    return all;
  }

  // Writing shards

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void spreadsRecordsOverShards(int threads) throws IOException {
    CliRun.with(lines(), "write", "--shards=3", "--chunk-size=100", "--threads", threads, "--", out)
        .succeeds();
    assertThat(names(out)).containsExactly("shard_0", "shard_1", "shard_2");
    assertThat(sorted(out)).isEqualTo(records());
  }

  @Test
  void callsShardsAsAsked() throws IOException {
    CliRun.with("a\n", "write", "--shards=2", "--prefix=part", out).succeeds();
    assertThat(names(out)).containsExactly("part_0", "part_1");
    CliRun.with("a\n", "write", "--shards=2", "--prefix=a/b", out).isRefused("a/b");
  }

  @Test
  void goesOnInANewShard() throws IOException {
    CliRun.with(lines(), "write", "--shards=1", "--max-shard-size=1K", "--chunk-size=100", out)
        .succeeds();
    assertThat(names(out).size()).isGreaterThan(3);
    assertThat(sorted(out)).isEqualTo(records());
  }

  @Test
  void writesShardsAsTheWriterIsTold() throws IOException {
    CliRun.with("a\n", "write", "--shards=1", "--container=array_record", out).succeeds();
    assertThat(CliRun.of("describe", out.resolve("shard_0")).succeeds().text())
        .contains("container      array_record");
  }

  @Test
  void leavesExistingShardsAlone() throws IOException {
    CliRun.with("a\n", "write", "--shards=1", out).succeeds();
    CliRun.with("b\n", "write", "--shards=1", out)
        .fails(out.resolve("shard_0") + ": exists already", "--force", "--append");
    CliRun.with("b\n", "write", "--shards=1", "--prefix=other", out).succeeds();
    assertThat(names(out)).containsExactly("other_0", "shard_0");
  }

  @Test
  void addsShards() throws IOException {
    CliRun.with("a\n", "write", "--shards=1", "--append", out).succeeds();
    CliRun.with("b\n", "write", "--shards=1", "--append", out).succeeds();
    assertThat(RecordTexts.in(out.resolve("shard_0"))).containsExactly("a");
    assertThat(RecordTexts.in(out.resolve("shard_1"))).containsExactly("b");
  }

  @Test
  void removesExactlyTheShardsOfThatName() throws IOException {
    Files.createDirectory(out);
    for (String name : List.of("shard_7", "shard_x", "shard_7.bak", "shard", "other_7")) {
      RecordTexts.write(out.resolve(name), "old");
    }
    CliRun.with("a\n", "write", "--shards=1", "--force", out).succeeds();
    assertThat(names(out)).containsExactly("other_7", "shard", "shard_0", "shard_7.bak", "shard_x");
  }

  @Test
  void removesTheShardsThatItOpenedBeforeAFailure() throws IOException {
    Files.createDirectories(out.resolve("shard_2"));
    CliRun.with("a\n", "write", "--shards=4", "--force", out)
        .fails("shard_2", out + ": 2 shards removed, because they are incomplete");
    assertThat(names(out)).containsExactly("shard_2");
  }

  @Test
  void removesTheShardsThatItCouldNotComplete() throws IOException {
    String torn = "\1\0\0\0a\2\0";
    CliRun.with(torn, "write", "--shards=2", "--length-prefixed", out)
        .fails("byte 5", out + ": 2 shards removed, because they are incomplete");
    assertThat(out).doesNotExist();
    CliRun.with("old\n", "write", "--shards=1", out).succeeds();
    CliRun.with(torn, "write", "--shards=1", "--append", "--length-prefixed", out)
        .fails("byte 5", out + ": 1 shard removed, because it is incomplete");
    assertThat(sorted(out)).containsExactly("old");
  }

  @Test
  void packsFilesAndLeavesOutItsShards() throws IOException {
    RecordTexts.file(directory.resolve("a"), "in a");
    RecordTexts.file(directory.resolve("empty"), "");
    CliRun.of("write", "--files", "--shards=2", out, directory).succeeds();
    assertThat(sorted(out)).containsExactly("", "in a");
  }

  @Test
  void refusesShardsThatCannotBe() throws IOException {
    CliRun.of("write", "--shards=0", out).isRefused("--shards", "0");
    CliRun.of("write", "--shards=65537", out).isRefused("65537");
    CliRun.of("write", "--shards=two", out).isRefused("two");
    CliRun.of("write", "--max-shard-size=1K", out).isRefused("--shards");
    CliRun.of("write", "--prefix=a", out).isRefused("--shards");
    CliRun.of("write", "--shards=1", "--max-shard-size=0", out).isRefused("--max-shard-size");
    CliRun.of("write", "--shards=1", "--max-shard-size=1Q", out).isRefused("1Q");
    CliRun.of("write", "--shards=1", "--atomic", out).isRefused("--atomic");
    CliRun.of("write", "--shards=1", "-").isRefused("standard output");
    CliRun.of("write", "--shards=1", "--compression=snappy", out).isRefused("--dialect=riegeli");
    CliRun.of("write", "--shards=1", "--prefix=a/b", out).isRefused("a/b");
    assertThat(out).doesNotExist();
    CliRun.with("a\n", "write", "--shards=1", out).succeeds();
    CliRun.of("write", "--shards=1", "--force", "--compression=snappy", out)
        .isRefused("--dialect=riegeli");
    assertThat(sorted(out)).containsExactly("a");
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    CliRun.of("write", "--shards=1", file).fails(file.toString(), "directory");
  }

  @Test
  void refusesToReadTheShardsThatItWrites() throws IOException {
    CliRun.with("a\n", "write", "--shards=1", out).succeeds();
    Path shard = out.resolve("shard_0");
    CliRun.of("write", "--files", "--shards=1", "--force", out, shard).isRefused(shard.toString());
    CliRun.of("write", "--files", "--shards=1", "--force", out, out).isRefused(out.toString());
    CliRun.of("convert", "--shards=1", "--force", shard, out).isRefused(shard.toString());
    CliRun.of("convert", "--shards=1", "--force", out, out).isRefused(out.toString());
    assertThat(RecordTexts.in(shard)).containsExactly("a");
  }

  // Converting

  private Path numberedFiles() throws IOException {
    Path in = Files.createDirectory(directory.resolve("in"));
    for (int shard : new int[] {10, 9, 0}) {
      RecordTexts.write(in.resolve("s_" + shard), "first of " + shard, "second of " + shard);
    }
    return in;
  }

  @Test
  void joinsShardsInTheOrderOfTheirNumbers() throws IOException {
    Path in = numberedFiles();
    CliRun.of("convert", in, out).succeeds();
    assertThat(RecordTexts.in(out))
        .containsExactly(
            "first of 0",
            "second of 0",
            "first of 9",
            "second of 9",
            "first of 10",
            "second of 10");
    CliRun.of("convert", "--force", in.resolve("s_?"), out).succeeds();
    assertThat(RecordTexts.in(out))
        .containsExactly("first of 0", "second of 0", "first of 9", "second of 9");
    CliRun.of("convert", "--force", in, in.resolve("s_9")).isRefused("both IN and OUT");
    CliRun.of("convert", "--force", in.resolve("none*"), out).fails("no file matches");
  }

  @Test
  void aShardThatCannotBeReadEndsIt() throws IOException {
    Path in = numberedFiles();
    Path bad = RecordTexts.file(in.resolve("s_5"), "no record file".repeat(10));
    CliRun.of("convert", in, out).fails(bad.toString());
    assertThat(out).doesNotExist();
    CliRun.of("convert", "--shards=2", in, out).fails(bad.toString());
    assertThat(out).doesNotExist();
  }

  @Test
  void convertsShardsToShards() throws IOException {
    Path in = numberedFiles();
    CliRun.of("convert", "--shards=2", "--prefix=t", in, out).succeeds();
    assertThat(names(out)).containsExactly("t_0", "t_1");
    assertThat(sorted(out)).isEqualTo(sorted(in));
    CliRun run = CliRun.of("convert", "--shards=2", "--prefix=t", in, out);
    run.fails("t_0: exists already", "--force");
    assertThat(run.messages()).doesNotContain("--append");
    CliRun.of("convert", "--shards=1", "--prefix=t", "--force", in, out).succeeds();
    assertThat(names(out)).containsExactly("t_0");
  }

  @Test
  void goldenShardsKeepTheirDigest() {
    GoldenManifest.Entry golden = GoldenManifest.entry("disky/shards");
    CliRun.of("convert", "--shards=3", "--threads=2", golden.location(), out).succeeds();
    assertThat(CliRun.of("digest", out).succeeds().text()).startsWith(golden.digest());
  }

  // Threads

  @ParameterizedTest
  @ValueSource(strings = {"write", "convert"})
  void writesTheSameBytesWithAnyNumberOfThreads(String command) throws IOException {
    Path in = directory.resolve("in");
    CliRun.with(lines(), "write", in).succeeds();
    byte[] input = command.equals("write") ? lines().getBytes(US_ASCII) : Files.readAllBytes(in);
    List<Object> places = command.equals("write") ? List.of("-") : List.of("-", "-");
    List<byte[]> outputs = new ArrayList<>();
    for (int threads : new int[] {0, 1, 4}) {
      List<Object> arguments = new ArrayList<>(List.of(command, "--chunk-size=200"));
      arguments.add("--threads=" + threads);
      arguments.addAll(places);
      outputs.add(CliRun.with(input, arguments.toArray()).succeeds().output());
    }
    assertThat(outputs.get(0)).isEqualTo(outputs.get(1)).isEqualTo(outputs.get(2));
    assertThat(RecordTexts.in(outputs.get(0))).isEqualTo(records());
  }

  @ParameterizedTest
  @ValueSource(strings = {"write", "convert", "cat", "digest", "count", "verify"})
  void refusesNumbersOfThreadsThatCannotBe(String command) {
    for (String threads : List.of("-1", "1025", "many")) {
      CliRun.of(command, "--threads=" + threads, out, out).isRefused("--threads", threads);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8})
  void reportsOnFilesInTheirOrder(int threads) throws IOException {
    Path good = RecordTexts.write(directory.resolve("good"), "a", "b");
    Path bad = RecordTexts.file(directory.resolve("bad"), "no record file\n");
    Path missing = directory.resolve("missing");
    List<Object> files = new ArrayList<>();
    StringBuilder counted = new StringBuilder();
    StringBuilder verified = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      Path file =
          RecordTexts.write(
              directory.resolve("file" + i), records().subList(0, i).toArray(String[]::new));
      files.add(file);
      counted.append(i).append("  ").append(file).append('\n');
      verified.append(file).append(": intact\n");
    }
    files.addAll(List.of(missing, "-", "none*", good));
    counted.append("2  -\n2  ").append(good).append("\n194  total of 22 of 24 files\n");
    verified.append("-: intact\n").append(good).append(": intact\n");

    CliRun count = run("count", threads, Files.readAllBytes(good), files);
    count.fails(missing.toString(), "none*");
    assertThat(count.text()).isEqualTo(counted.toString());
    CliRun verify = run("verify", threads, Files.readAllBytes(good), files);
    verify.fails(missing.toString(), "none*");
    assertThat(verify.text()).isEqualTo(verified.toString());
    assertThat(verify.messages().lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).contains(missing.toString()),
            line -> assertThat(line).contains("none*"));
    assertThat(run("verify", threads, new byte[0], List.of(bad, good)).status()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void decodesAheadInOrder(int threads) throws IOException {
    Path damaged = directory.resolve("damaged");
    CliRun.with(lines(), "write", "--chunk-size=200", "--compression=none", out).succeeds();
    byte[] content = Files.readAllBytes(out);
    Files.write(damaged, FileDamage.flip(content, content.length / 2));
    for (String command : List.of("cat", "digest")) {
      CliRun alone = CliRun.of(command, "--threads=0", "--recover", damaged, out);
      CliRun run = CliRun.of(command, "--threads", threads, "--recover", damaged, out);
      assertThat(alone.messages()).contains("skipped");
      assertThat(run.text()).isEqualTo(alone.text());
      assertThat(run.messages()).isEqualTo(alone.messages());
    }
    assertThat(CliRun.of("cat", "--threads", threads, out).succeeds().text()).isEqualTo(lines());
    CliRun failed = CliRun.of("cat", "--threads", threads, damaged);
    failed.fails(damaged.toString());
    assertThat(lines()).startsWith(failed.text());
  }

  private static CliRun run(String command, int threads, byte[] input, List<Object> files) {
    List<Object> arguments = new ArrayList<>(List.of(command, "--threads=" + threads));
    arguments.addAll(files);
    return CliRun.with(input, arguments.toArray());
  }

  @Test
  void leavesNoThread() throws IOException, InterruptedException {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    CliRun.of("count", "--threads=3", file, file, file).succeeds();
    // The last thread of an executor ends a moment after the executor.
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("disky-file-")) {
        assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
      }
    }
  }
}

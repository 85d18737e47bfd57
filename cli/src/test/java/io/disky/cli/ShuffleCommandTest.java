package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.damage.FileDamage;
import io.disky.loader.ShuffledOrder;
import io.disky.oracle.GoldenManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code disky shuffle}. */
@Timeout(300) // Only so that a command that waits in vain fails.
class ShuffleCommandTest {
  private static final long SEED = 41;

  @TempDir Path directory;
  private Path in;
  private Path out;

  @BeforeEach
  void nameFiles() throws IOException {
    in = RecordTexts.write(directory.resolve("in"), texts(0, 10, 0));
    out = directory.resolve("out");
  }

  private static String[] texts(int from, int to, int size) {
    return IntStream.range(from, to)
        .mapToObj(i -> "record " + i + "-".repeat(size))
        .toArray(String[]::new);
  }

  private static List<String> shuffled(String[] records, long seed) {
    ShuffledOrder order = ShuffledOrder.of(records.length, seed);
    return IntStream.range(0, records.length)
        .mapToObj(position -> records[(int) order.recordAt(position)])
        .toList();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String digest(Path file) {
    return CliRun.of("digest", file).succeeds().text().replaceAll("  .*", "");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 500, 4000})
  void writesTheOrderOfTheSeed(int count) throws IOException {
    String[] records = texts(0, count, 600);
    Path input = RecordTexts.write(directory.resolve("input"), records);
    for (String memory : new String[] {"1MiB", "3M", "256MiB"}) {
      CliRun.of("shuffle", "--force", "--seed=5", "--memory", memory, input, out).succeeds();
      assertThat(RecordTexts.in(out)).isEqualTo(shuffled(records, 5));
    }
    assertThat(names()).containsExactly("in", "input", "out");
  }

  /** The order is a specification: it never changes. */
  @Test
  void writesTheKnownOrder() throws IOException {
    CliRun.of("shuffle", "--seed", 7, in, out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly(GOLDEN);
    CliRun.of("shuffle", "--force", in, out).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(shuffled(texts(0, 10, 0), 0));
    CliRun.of("shuffle", "--force", "--seed=-9223372036854775808", in, out).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(shuffled(texts(0, 10, 0), Long.MIN_VALUE));
  }

  @Test
  void joinsFilesDirectoriesAndPatterns() throws IOException {
    Path shards = Files.createDirectory(directory.resolve("shards"));
    RecordTexts.write(shards.resolve("s_0"), texts(10, 20, 0));
    RecordTexts.write(shards.resolve("s_1"), texts(20, 40, 0));
    List<String> expected = shuffled(texts(0, 40, 0), 3);
    CliRun.of("shuffle", "--seed=3", in, shards, out).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(expected);
    CliRun.of("shuffle", "--seed=3", "--force", in, shards.resolve("s_*"), out).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(expected);
  }

  @Test
  void writesAsItIsTold() throws IOException {
    Path records = RecordTexts.write(directory.resolve("records"), texts(0, 4000, 600));
    CliRun.of(
            "shuffle",
            "--container=array_record",
            "--compression=none",
            "--group-size=10",
            "--memory=1M",
            "--threads=3",
            records,
            out)
        .succeeds();
    assertThat(CliRun.of("describe", out).succeeds().text())
        .contains("container      array_record", "compression    none", "400 simple");
    assertThat(lines(List.of("cat"), out))
        .containsExactlyElementsOf(shuffled(texts(0, 4000, 600), 0));
  }

  @Test
  void theBytesDependOnSeedAndOptionsOnly() throws IOException {
    Path records = RecordTexts.write(directory.resolve("records"), texts(0, 4000, 600));
    byte[] first = null;
    for (String memory : new String[] {"1M", "2M", "100M"}) {
      for (int threads : new int[] {0, 4}) {
        CliRun.of("shuffle", "--force", "--memory", memory, "--threads", threads, records, out)
            .succeeds();
        byte[] bytes = Files.readAllBytes(out);
        first = first == null ? bytes : first;
        assertThat(bytes).isEqualTo(first);
      }
    }
  }

  @Test
  void readsStandardInputAndWritesStandardOutput() throws IOException {
    byte[] bytes = Files.readAllBytes(in);
    List<String> expected = shuffled(texts(0, 10, 0), 1);
    CliRun.with(bytes, "shuffle", "--seed=1", "-", out).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(expected);
    assertThat(RecordTexts.in(CliRun.of("shuffle", "--seed=1", in, "-").succeeds().output()))
        .isEqualTo(expected);
    Path more = RecordTexts.write(directory.resolve("more"), texts(10, 30, 0));
    CliRun run = CliRun.with(bytes, "shuffle", "--seed=1", "-", more, "-").succeeds();
    assertThat(RecordTexts.in(run.output())).isEqualTo(shuffled(texts(0, 30, 0), 1));
  }

  @Test
  void copiesMetadata() throws IOException {
    Path commented = GoldenManifest.entry("riegeli/lines.zstd.riegeli").location();
    CliRun.of("shuffle", "--dialect=riegeli", commented, out).succeeds();
    try (RecordReader reader = RecordReader.open(out)) {
      assertThat(reader.metadata())
          .contains(RecordsMetadata.empty().withFileComment("golden lines zstd"));
    }
    CliRun run = CliRun.of("shuffle", "--force", commented, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages()).contains("its file metadata are left out").hasLineCount(1);
    CliRun.of("shuffle", "--force", "--no-metadata", commented, out).succeeds();
  }

  @Test
  void hugeRecordsAreShuffledInLittleMemory() throws IOException {
    String[] records = texts(0, 300, 0);
    records[100] = "a".repeat(3 << 20);
    records[7] = "b".repeat(600 << 10);
    records[200] = "";
    Path input = RecordTexts.write(directory.resolve("input"), records);
    CliRun.of("shuffle", "--memory=1M", input, out).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(shuffled(records, 0));
  }

  // Failures

  @Test
  void leavesAnExistingFileAlone() throws IOException {
    RecordTexts.write(out, "old");
    CliRun.of("shuffle", in, out).fails(out + ": exists already; --force overwrites it");
    assertThat(RecordTexts.in(out)).containsExactly("old");
    CliRun.of("shuffle", "--force", in, out).succeeds();
    assertThat(RecordTexts.in(out)).hasSize(10);
  }

  @Test
  void aFailureLeavesAnEarlierFile() throws IOException {
    Path golden = GoldenManifest.entry("disky/lines.none.disky").location();
    Path damaged =
        Files.write(
            directory.resolve("damaged"), FileDamage.flip(Files.readAllBytes(golden), 150_000));
    CliRun.of("shuffle", damaged, out)
        .fails(
            damaged + ": byte 1", "\ndisky: " + out + ": not written, because it is incomplete\n");
    RecordTexts.write(out, "old");
    CliRun.of("shuffle", "--force", damaged, out).fails(damaged + ": byte 1");
    assertThat(RecordTexts.in(out)).containsExactly("old");
    assertThat(names()).containsExactly("damaged", "in", "out");
  }

  @Test
  void refusesWrongUsage() {
    CliRun.of("shuffle").isRefused("IN... OUT");
    CliRun.of("shuffle", in).isRefused("IN... OUT");
    CliRun.of("shuffle", "--memory=1023K", in, out).isRefused("--memory", "1048576");
    CliRun.of("shuffle", "--memory=much", in, out).isRefused("--memory", "'much' is not a size");
    CliRun.of("shuffle", "--seed=x", in, out).isRefused("--seed", "'x' is not a whole number");
    CliRun.of("shuffle", "--group-size=2", in, out).isRefused("--container=array_record");
    CliRun.of("shuffle", "--compression=snappy", in, out).isRefused("--dialect=riegeli");
    CliRun.of("shuffle", "--force", in, in).isRefused(in + " is both IN and OUT");
    CliRun.of("shuffle", in, out, in).isRefused(in + " is both IN and OUT");
    assertThat(out).doesNotExist();
  }

  @Test
  void reportsPlacesThatCannotBeUsed() throws IOException {
    Path records = RecordTexts.write(directory.resolve("records"), texts(0, 4000, 600));
    Path missing = directory.resolve("missing");
    CliRun.of("shuffle", "--memory=1M", "--temporary-directory", missing, records, out)
        .fails(missing + ": no such directory");
    CliRun.of("shuffle", in, missing.resolve("out")).fails("missing");
    CliRun.of("shuffle", missing, out).fails(missing + ": cannot open: No such file");
    assertThat(names()).containsExactly("in", "records");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFullDiskIsReportedAndLeavesNothing() throws Exception {
    RecordTexts.write(directory.resolve("records"), texts(0, 8000, 600));
    String output =
        CliProcess.script(
            directory,
            "mkdir temporary",
            "ulimit -f 2000", // blocks of 512 or 1024 bytes: less than the records take
            "disky shuffle --memory 1M --temporary-directory temporary records out",
            "echo \"status $? $(ls -a temporary | wc -l | tr -d ' ')\"",
            "ls -A");
    assertThat(output)
        .contains("disky: temporary: cannot write the temporary file: File too large")
        .contains("another temporary directory can be chosen")
        .contains("disky: out: not written, because it is incomplete")
        .endsWith("status 1 2\nin\nrecords\ntemporary\n");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aSignalLeavesNothing() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("temporary"));
    // Slow to compress, so that the command still runs when it gets the signal.
    byte[] lines = new byte[20_000_000];
    new Random(SEED).nextBytes(lines);
    for (int i = 0; i < lines.length; i++) {
      lines[i] = (byte) (i % 1000 == 999 ? '\n' : 'a' + (lines[i] & 15));
    }
    CliRun.with(lines, "write", directory.resolve("records")).succeeds();
    for (String signal : new String[] {"TERM", "INT", "KILL"}) {
      Process process =
          CliProcess.start(
              directory,
              List.of(),
              "shuffle",
              "--memory=1M",
              "--temporary-directory=temporary",
              "--compression=zstd:19",
              "records",
              "out");
      try {
        CliProcess.awaitFile(directory, ".out.", process);
        CliProcess.signal(process, signal);
        String messages = CliProcess.messages(process);
        assertThat(process.waitFor()).isNotZero();
        if (!signal.equals("KILL")) {
          assertThat(messages).isEqualTo("disky: out: not written, because it is incomplete\n");
          assertThat(names()).containsExactly("in", "records", "temporary");
        }
        assertThat(out).doesNotExist();
        assertThat(temporary).isEmptyDirectory();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void keepsAllRecordsOfAllGoldenFiles() {
    for (GoldenManifest.Entry golden : GoldenManifest.all()) {
      if (golden.isSharded()) {
        continue;
      }
      CliRun.of("shuffle", "--no-metadata", "--force", golden.location(), out).succeeds();
      List<String> args = new ArrayList<>(List.of("cat", "--format=hex"));
      String[] before = lines(args, golden.location());
      String[] after = lines(args, out);
      assertThat(after).containsExactlyElementsOf(shuffled(before, 0));
    }
    assertThat(digest(out)).isNotEmpty();
  }

  private static String[] lines(List<String> command, Path file) {
    List<Object> args = new ArrayList<>(command);
    args.add(file);
    return CliRun.of(args.toArray()).succeeds().text().lines().toArray(String[]::new);
  }

  private static final String[] GOLDEN =
      Arrays.stream(new int[] {6, 1, 9, 5, 8, 7, 0, 4, 3, 2})
          .mapToObj(i -> "record " + i)
          .toArray(String[]::new);
}

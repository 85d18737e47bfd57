package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.loader.ShuffledOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky sample}. */
class SampleCommandTest {
  private static final int RECORDS = 1000;

  @TempDir Path directory;
  private Path in;
  private Path out;

  @BeforeEach
  void writeInput() throws IOException {
    in = directory.resolve("in");
    out = directory.resolve("out");
    CliRun.with(
            String.join("\n", texts().toArray(String[]::new)) + "\n",
            "write",
            "--chunk-size=500",
            in)
        .succeeds();
  }

  private static List<String> texts() {
    return IntStream.range(0, RECORDS).mapToObj("record %04d"::formatted).toList();
  }

  /** The records of the first positions of the shuffled order, in the order of the input. */
  private static List<String> expected(int count, long seed) {
    ShuffledOrder order = ShuffledOrder.of(RECORDS, seed);
    return LongStream.range(0, count)
        .map(order::recordAt)
        .sorted()
        .mapToObj(record -> texts().get((int) record))
        .toList();
  }

  private static List<String> sample(Object... args) {
    List<Object> all = new ArrayList<>(List.of("sample"));
    all.addAll(List.of(args));
    return CliRun.of(all.toArray()).succeeds().text().lines().toList();
  }

  @Test
  void choosesExactlySoManyInTheOrderOfTheInput() {
    for (int count : new int[] {0, 1, 2, 500, 999, 1000}) {
      assertThat(sample("-n", count, "--seed=3", in)).isEqualTo(expected(count, 3));
      assertThat(sample("--count", count, in)).isEqualTo(expected(count, 0));
    }
    assertThat(sample("-n", 10, "--seed=3", in)).isNotEqualTo(sample("-n", 10, "--seed=4", in));
  }

  @Test
  void choosesAShare() {
    assertThat(sample("--fraction", "0.1", in)).isEqualTo(expected(100, 0));
    assertThat(sample("--fraction", "0.0004", in)).isEmpty();
    assertThat(sample("--fraction", "0.0005", in)).hasSize(1);
    assertThat(sample("--fraction", "1", in)).isEqualTo(texts());
    assertThat(sample("--fraction", "0", in)).isEmpty();
  }

  @Test
  void isWhatShuffleWritesFirst() throws IOException {
    CliRun.of("shuffle", "--seed=8", in, out).succeeds();
    Set<String> first = new HashSet<>(RecordTexts.in(out).subList(0, 30));
    assertThat(new HashSet<>(sample("-n", 30, "--seed=8", in))).isEqualTo(first);
  }

  @Test
  void eachRecordIsEquallyLikely() {
    int[] chosen = new int[RECORDS];
    for (int seed = 0; seed < 400; seed++) {
      SampledNumbers numbers = new SampledNumbers(ShuffledOrder.of(RECORDS, seed), 100, 1 << 20);
      for (long[] group = numbers.next(); group.length > 0; group = numbers.next()) {
        for (long number : group) {
          chosen[(int) number]++;
        }
      }
    }
    double chiSquared = 0;
    for (int count : chosen) {
      chiSquared += (count - 40.0) * (count - 40.0) / (40.0 * 0.9);
    }
    // 999 degrees of freedom: the 99.9 % bounds of the distribution.
    assertThat(chiSquared).isBetween(862.0, 1144.0);
  }

  /** Large samples are not gathered in memory. */
  @Test
  void gatheredAndSearchedNumbersAreTheSame() {
    for (int records : new int[] {1, 10, 5000, 50_000}) {
      for (int count : new int[] {0, 1, records / 3, records}) {
        ShuffledOrder order = ShuffledOrder.of(records, 9);
        assertThat(all(new SampledNumbers(order, count, 0)))
            .isEqualTo(all(new SampledNumbers(order, count, records)))
            .hasSize(count)
            .isSorted()
            .doesNotHaveDuplicates();
      }
    }
  }

  private static List<Long> all(SampledNumbers numbers) {
    List<Long> all = new ArrayList<>();
    for (long[] group = numbers.next(); group.length > 0; group = numbers.next()) {
      LongStream.of(group).forEach(all::add);
    }
    return all;
  }

  @Test
  void printsInEveryFormat() throws IOException {
    Path two = RecordTexts.write(directory.resolve("two"), "a", "bc");
    assertThat(CliRun.of("sample", "-n2", "--format=hex", two).succeeds().text())
        .isEqualTo("61\n6263\n");
    assertThat(CliRun.of("sample", "-n2", "--format=length-prefixed", two).succeeds().text())
        .isEqualTo("\1\0\0\0a\2\0\0\0bc");
  }

  @Test
  void takesSeveralFilesAndStandardInput() throws IOException {
    Path shards = Files.createDirectory(directory.resolve("shards"));
    RecordTexts.write(shards.resolve("s_0"), texts().subList(0, 300).toArray(String[]::new));
    RecordTexts.write(shards.resolve("s_1"), texts().subList(300, 1000).toArray(String[]::new));
    assertThat(sample("-n", 50, shards)).isEqualTo(expected(50, 0));
    assertThat(sample("-n", 50, shards.resolve("s_0"), shards.resolve("s_1")))
        .isEqualTo(expected(50, 0));
    CliRun run = CliRun.with(Files.readAllBytes(in), "sample", "-n", 50, "-").succeeds();
    assertThat(run.text().lines().toList()).isEqualTo(expected(50, 0));
  }

  @Test
  void writesAFile() throws IOException {
    CliRun.of("sample", "-n", 70, "--seed=2", "--output", out, "--container=array_record", in)
        .succeeds();
    assertThat(CliRun.of("cat", out).succeeds().text().lines().toList()).isEqualTo(expected(70, 2));
    assertThat(CliRun.of("describe", out).succeeds().text()).contains("array_record");
    CliRun.of("sample", "-n", 3, "--output", out, in).fails(out + ": exists already; --force");
    CliRun.of("sample", "-n", 3, "--output", out, "--force", in).succeeds();
    assertThat(RecordTexts.in(out)).isEqualTo(expected(3, 0));
    assertThat(RecordTexts.in(CliRun.of("sample", "-n", 3, "--output=-", in).succeeds().output()))
        .isEqualTo(expected(3, 0));
  }

  @Test
  void refusesWrongUsage() {
    CliRun.of("sample", in).isRefused("-n=COUNT", "--fraction");
    CliRun.of("sample", "-n", 1, "--fraction=0.5", in).isRefused("mutually exclusive");
    CliRun.of("sample", "-n", "-1", in).isRefused("--count is negative: -1");
    CliRun.of("sample", "-n", "x", in).isRefused("'x' is not a whole number");
    CliRun.of("sample", "--fraction=1.5", in).isRefused("outside 0.0 to 1.0: 1.5");
    CliRun.of("sample", "--fraction=-0.1", in).isRefused("outside 0.0 to 1.0: -0.1");
    CliRun.of("sample", "--fraction=1e999", in).isRefused("outside 0.0 to 1.0");
    CliRun.of("sample", "-n1", "--compression=none", in).isRefused("--compression needs --output");
    CliRun.of("sample", "-n1", "--force", in).isRefused("--force needs --output");
    CliRun.of("sample", "-n1", "--format=hex", "--output", out, in).isRefused("--format");
    CliRun.of("sample", "-n1", "--force", "--output", in, in)
        .isRefused(in + " is both OUT and a FILE");
    assertThat(out).doesNotExist();
  }

  @Test
  void saysHowManyRecordsThereAre() {
    CliRun.of("sample", "-n", 1001, in)
        .fails("cannot choose 1001 records: the number of records is 1000");
    CliRun.of("sample", "-n", 1001, "--output", out, in).fails("1000");
    assertThat(out).doesNotExist();
    CliRun.of("sample", "-n", 1, directory.resolve("missing")).fails("missing");
  }

  @Test
  void anEmptyInputHasAnEmptySample() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(sample("-n", 0, empty)).isEmpty();
    assertThat(sample("--fraction=1", empty)).isEmpty();
    CliRun.of("sample", "-n", 1, empty).fails("the number of records is 0");
  }
}

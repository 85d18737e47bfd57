package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.loader.LoadPlan;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.loader.Shuffle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky plan}. */
class PlanCommandTest {
  private static final String GLOBAL = "--shuffle=global";

  @TempDir Path directory;
  private Path in;

  @BeforeEach
  void writeInput() throws IOException {
    in = write("in", "--chunk-size=4KiB");
  }

  private Path write(String name, String... options) {
    Path file = directory.resolve(name);
    String lines =
        String.join("\n", IntStream.range(0, 1000).mapToObj("record %093d"::formatted).toList());
    Object[] args = new Object[options.length + 2];
    args[0] = "write";
    System.arraycopy(options, 0, args, 1, options.length);
    args[args.length - 1] = file;
    CliRun.with(lines + "\n", args).succeeds();
    return file;
  }

  @Test
  void printsThePlan() {
    assertThat(CliRun.of("plan", "--batch-size=30", "--remainder=drop", in).succeeds().text())
        .contains("steps: 33\n", "records: 1000, the last 10 dropped\n", ", each decoded once\n")
        .contains("mixing distance: 1 record: the order of the source\n")
        .contains("memory of a rank: about ", "resume: about ")
        .doesNotContain("warning");
    assertThat(CliRun.of("plan", "--batch-size=30", "--remainder=pad", in).succeeds().text())
        .contains("steps: 34\n", "20 more to fill the last step");
    assertThat(CliRun.of("plan", "--batch-size=30", "--remainder=even", in).succeeds().text())
        .contains("steps: 34\n", "records: 1000\n");
    assertThat(CliRun.of("plan", "--shuffle=windowed:20KiB", in).succeeds().text())
        .contains("warning: a window of 20480 bytes");
    assertThat(CliRun.of("plan", "--shuffle=reservoir:500", in).succeeds().text())
        .contains("mixing distance: ");
  }

  /** Options that are left out have the values of the loader. */
  @Test
  void hasTheDefaultsOfTheLoader() throws IOException {
    LoaderOptions defaults = LoaderOptions.defaults();
    LoadPlan plan =
        LoadPlan.of(
            RecordSource.files(in),
            defaults.shuffle(),
            defaults.batchSize(),
            defaults.remainder(),
            2,
            defaults.memory());
    assertThat(plan.steps()).hasValue(4);
    assertThat(plan.dropped()).isZero();
    assertThat(CliRun.of("plan", "--world-size=2", in).succeeds().text()).isEqualTo(plan + "\n");
    LoadPlan global =
        LoadPlan.of(
            RecordSource.files(in),
            Shuffle.global(),
            defaults.batchSize(),
            defaults.remainder(),
            1,
            defaults.memory());
    assertThat(global.expectedDecodes()).isEqualTo(global.chunks());
    assertThat(CliRun.of("plan", "--shuffle=global", in).succeeds().text())
        .isEqualTo(global + "\n");
  }

  /** A number below the exact one would be a riddle. */
  @Test
  void chunksOfOneRecordAreDecodedOnce() throws IOException {
    Path single = write("single", "--container=array_record");
    String[] args = {"plan", "--shuffle=global", "--memory=1", "--batch-size=8", single.toString()};
    assertThat(CliRun.of((Object[]) args).succeeds().text())
        .contains("chunks: 1000, each decoded once\n", "resume: nothing decoded again\n");
  }

  /** The case for which the plan is there: a global shuffle over large chunks. */
  @Test
  void warnsOfMuchDecoding() {
    Path large = write("large");
    assertThat(
            CliRun.of("plan", GLOBAL, "--memory=64KiB", "--batch-size=8", large).succeeds().text())
        .contains("warning: ", "disky shuffle");
    Path single = write("single", "--container=array_record");
    assertThat(CliRun.of("plan", GLOBAL, "--batch-size=8", single).succeeds().text())
        .doesNotContain("warning");
  }

  @Test
  void takesSeveralFilesAndStandardInput() throws IOException {
    Path other = write("other");
    assertThat(CliRun.of("plan", in, other).succeeds().text()).contains("records: 2000");
    assertThat(CliRun.with(Files.readAllBytes(in), "plan", "-").succeeds().text())
        .contains("records: 1000");
    assertThat(CliRun.of("plan", "--world-size=16", directory).succeeds().text())
        .contains("records: 2000");
  }

  @Test
  void planOfNothing() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(CliRun.of("plan", empty).succeeds().text()).contains("steps: 0\n", "records: 0");
  }

  @Test
  void refusesWrongUsage() {
    CliRun.of("plan").isRefused("FILE");
    CliRun.of("plan", "--batch-size=0", in).isRefused("--batch-size is less than 1: 0");
    CliRun.of("plan", "--world-size=0", in).isRefused("--world-size is less than 1: 0");
    CliRun.of("plan", "--batch-size=3", "--world-size=4", in)
        .isRefused("--batch-size 3 is less than --world-size 4");
    CliRun.of("plan", "--shuffle=wild", in)
        .isRefused("'wild' is not one of none, global, windowed:SIZE, reservoir:N");
    CliRun.of("plan", "--shuffle=windowed:x", in).isRefused("'x' is not a size");
    CliRun.of("plan", "--shuffle=windowed:0", in).isRefused("a window of 0 bytes");
    CliRun.of("plan", "--shuffle=reservoir:x", in).isRefused("no number of records");
    CliRun.of("plan", "--shuffle=reservoir:0", in).isRefused("a reservoir of 0 records");
    CliRun.of("plan", "--memory=x", in).isRefused("'x' is not a size");
    CliRun.of("plan", "--remainder=x", in).isRefused("'x' is not one of drop, pad, even");
    CliRun.of("plan", directory.resolve("missing")).fails("missing");
  }
}

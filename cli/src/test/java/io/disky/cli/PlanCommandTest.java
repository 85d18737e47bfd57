package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.loader.DataLoader;
import io.disky.loader.Exhaustion;
import io.disky.loader.LoadPlan;
import io.disky.loader.LoaderOptions;
import io.disky.loader.Mix;
import io.disky.loader.RecordSource;
import io.disky.loader.Shuffle;
import io.disky.loader.WeightedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    return write(name, 100, options);
  }

  private Path write(String name, int size, String... options) {
    Path file = directory.resolve(name);
    String line = "record %0" + (size - 7) + "d";
    String lines = String.join("\n", IntStream.range(0, 1000).mapToObj(line::formatted).toList());
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
        .contains("memory of a rank: up to ", "resume: about ")
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

  private static LoadPlan plan(Mix mix, LoaderOptions options) throws IOException {
    try (DataLoader loader = DataLoader.open(mix, options)) {
      return loader.plan();
    }
  }

  /** Each FILE is a source. */
  @Test
  void plansAMix() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.copy(in, folder.resolve("a"));
    Files.copy(in, folder.resolve("b"));
    for (Exhaustion exhaustion : Exhaustion.values()) {
      Mix mix =
          Mix.exact(
                  List.of(
                      WeightedSource.of(RecordSource.files(in), 0.9),
                      WeightedSource.of(
                          RecordSource.files(folder.resolve("a"), folder.resolve("b")), 0.1)))
              .withExhaustion(exhaustion);
      LoadPlan plan =
          plan(
              mix,
              LoaderOptions.defaults()
                  .withShuffle(Shuffle.global())
                  .withWorkers(1)
                  .withBatchSize(10)
                  .withMemory(1 << 20));
      String[] options = {
        "--weights=0.9,0.1",
        "--exhaustion=" + ConstantConverter.name(exhaustion),
        "--shuffle=global",
        "--workers=1",
        "--batch-size=10",
        "--memory=1MiB"
      };
      Object[] arguments = new Object[options.length + 3];
      arguments[0] = "plan";
      System.arraycopy(options, 0, arguments, 1, options.length);
      arguments[options.length + 1] = in;
      arguments[options.length + 2] = folder;
      assertThat(CliRun.of(arguments).succeeds().text()).isEqualTo(plan + "\n");
    }
    CliRun.of("plan", "--weights=1,2,3", in, folder)
        .isRefused("--weights has 3 numbers, not one for each FILE: 2");
    CliRun.of("plan", "--weights=1,0", in, folder)
        .isRefused("the weight 0.0 is not positive and finite");
    CliRun.of("plan", "--weights=1,x", in, folder).isRefused("'x'");
    CliRun.of("plan", "--exhaustion=stop", in).isRefused("--exhaustion needs --weights");
    CliRun.of("plan", "--workers=-1", in).isRefused("--workers is less than 0: -1");
  }

  /** Options that are left out have the values of the loader. */
  @Test
  void hasTheDefaultsOfTheLoader() throws IOException {
    LoaderOptions defaults = LoaderOptions.defaults();
    LoadPlan plan = plan(Mix.of(RecordSource.files(in)), defaults.withRank(0, 2));
    assertThat(plan.steps()).hasValue(4);
    assertThat(plan.dropped()).isZero();
    assertThat(CliRun.of("plan", "--world-size=2", in).succeeds().text()).isEqualTo(plan + "\n");
    LoadPlan global = plan(Mix.of(RecordSource.files(in)), defaults.withShuffle(Shuffle.global()));
    assertThat(global.expectedDecodes()).isEqualTo(global.chunks());
    assertThat(CliRun.of("plan", "--shuffle=global", in).succeeds().text())
        .isEqualTo(global + "\n");
  }

  /** A number below the exact one would be a riddle. */
  @Test
  void chunksOfOneRecordAreDecodedOnce() throws IOException {
    Path single = write("single", 2000, "--container=array_record"); // too large for the cache
    String[] args = {
      "plan", "--shuffle=global", "--memory=1MiB", "--batch-size=8", single.toString()
    };
    assertThat(CliRun.of((Object[]) args).succeeds().text())
        .contains("chunks: 1000, each decoded once\n", "resume: nothing decoded again\n");
  }

  /** The case for which the plan is there: a global shuffle over large chunks. */
  @Test
  void warnsOfMuchDecoding() {
    Path large = write("large", 2000);
    assertThat(
            CliRun.of("plan", GLOBAL, "--memory=1MiB", "--batch-size=8", large).succeeds().text())
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
    CliRun.of("plan", "--memory=1", in).isRefused("the memory is 1 bytes: at least 1 MiB");
    CliRun.of("plan", "--remainder=x", in).isRefused("'x' is not one of drop, pad, even");
    CliRun.of("plan", directory.resolve("missing")).fails("missing");
  }
}

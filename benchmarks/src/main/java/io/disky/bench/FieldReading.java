package io.disky.bench;

import io.disky.testing.FieldSamples;
import io.disky.testing.MarkdownSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Measures the samples of the performance guide, each in a JVM of its own, and prints their table.
 */
public final class FieldReading {
  private static final Path PAGE = Path.of("docs/performance.md");
  private static final int RECORDS_OF_100_MB = 48_828;
  private static final int ROUNDS = 5;
  private static final int WARM_UP_MILLIS = 1_000;
  private static final int ROUND_MILLIS = 150;

  private FieldReading() {}

  /** Measures all samples; {@code args[0]}, if given, is the number of records of the file. */
  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ROOT);
    Settings settings = Settings.of("short").withOptions(FieldSamples.VECTOR_API);
    Path file = Files.createDirectories(settings.directory()).resolve("floats");
    FieldSamples.write(file, args.length > 0 ? Long.parseLong(args[0]) : RECORDS_OF_100_MB);
    List<String> names = names();
    List<WorkerProcess> processes = new ArrayList<>();
    double[] first = new double[names.size()];
    for (int i = 0; i < names.size(); i++) {
      WorkerProcess process =
          WorkerProcess.start(
              settings,
              Contestant.Language.JAVA,
              "field-sample",
              List.of("input=" + file, "sample=" + i));
      process.awaitReady();
      processes.add(process);
      first[i] = Statistics.median(process.measure(0).nanos());
    }
    for (WorkerProcess process : processes) {
      process.measure(WARM_UP_MILLIS);
    }
    double[][] later = measure(processes);
    for (WorkerProcess process : processes) {
      process.close();
    }
    print(names, first, later);
    Files.delete(file);
  }

  /** The heading of each sample. */
  private static List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    String heading = "";
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("### ")) {
        heading = line.substring(4);
      } else if (line.equals("```java")) {
        names.add(heading);
      }
    }
    return names;
  }

  private static double[][] measure(List<WorkerProcess> processes) throws IOException {
    double[][] times = new double[processes.size()][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < processes.size(); i++) {
        int next = (i + round) % processes.size();
        times[next][round] = Statistics.median(processes.get(next).measure(ROUND_MILLIS).nanos());
      }
    }
    return times;
  }

  private static void print(List<String> names, double[] first, double[][] later) {
    System.out.println("| | first pass | later passes | ratio | spread |");
    System.out.println("|---|---|---|---|---|");
    double best = Double.MAX_VALUE;
    for (double[] times : later) {
      best = Math.min(best, Statistics.of(times).median());
    }
    for (int i = 0; i < names.size(); i++) {
      Statistics times = Statistics.of(later[i]);
      System.out.printf(
          "| %s | %s | %s | %s | ±%.0f %% |%n",
          names.get(i),
          Units.nanos(first[i]),
          Units.nanos(times.median()),
          Units.ratio(times.median() / best),
          100 * times.spread());
    }
  }

  /** The work of one sample. */
  static Work sample(Arguments arguments) throws IOException {
    Path input = arguments.path("input").toAbsolutePath();
    String text = MarkdownSamples.of(PAGE).get(arguments.number("sample"));
    try {
      // Beside the input, because the classes stay.
      Path classes = Files.createTempDirectory(Objects.requireNonNull(input.getParent()), "sample");
      FieldSamples sample = FieldSamples.compile(text, classes);
      return () -> (long) sample.sum(input);
    } catch (ReflectiveOperationException e) {
      throw new IOException(e);
    }
  }
}

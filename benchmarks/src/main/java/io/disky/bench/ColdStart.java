package io.disky.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the time from the start of a JVM to the first record, loading of the library included.
 */
final class ColdStart {
  private final Settings settings;
  private final Corpus corpus;

  ColdStart(Settings settings, Corpus corpus) {
    this.settings = settings;
    this.corpus = corpus;
  }

  /** Measures with the file that {@code cell} reads. */
  StartTimes run(Cell cell) throws IOException {
    corpus.prepare(cell, Contestants.DISKY_FILE);
    corpus.renew(cell, Contestants.DISKY_FILE);
    List<String> file = List.of(corpus.input(cell, Contestants.DISKY_FILE).toString());
    Build current = Build.current();
    Build earlier = settings.earlier();
    List<Double> empty = new ArrayList<>();
    List<Double> firstRecord = new ArrayList<>();
    List<Double> before = new ArrayList<>();
    // The first start of each build is not measured, because its files are not in memory yet.
    time(current, file);
    if (earlier != null) {
      time(earlier, file);
    }
    for (int round = 0; round < settings.rounds(); round++) {
      empty.add(time(current, List.of()));
      firstRecord.add(time(current, file));
      if (earlier != null) {
        before.add(time(earlier, file));
      }
    }
    return new StartTimes(empty, firstRecord, before);
  }

  private double time(Build build, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(WorkerProcess.javaCommand(settings, build, FirstRecord.class));
    command.addAll(arguments);
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("a new JVM could not read the first record");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
    return System.nanoTime() - start;
  }
}

package io.disky.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the time from the start of a JVM to the first record, loading of the library included.
 */
final class ColdStart {
  private final Settings settings;
  private final Corpus corpus;

  /**
   * The results.
   *
   * @param empty time of a JVM that does nothing, in nanoseconds
   * @param firstRecord time of a JVM that reads the first record of a file, in nanoseconds
   */
  record Times(Statistics empty, Statistics firstRecord) {}

  ColdStart(Settings settings, Corpus corpus) {
    this.settings = settings;
    this.corpus = corpus;
  }

  /** Measures with the file that {@code cell} reads. */
  Times run(Cell cell) throws IOException {
    corpus.prepare(cell, Contestants.DISKY_FILE);
    corpus.renew(cell, Contestants.DISKY_FILE);
    Path file = corpus.input(cell, Contestants.DISKY_FILE);
    double[] empty = new double[settings.rounds()];
    double[] firstRecord = new double[settings.rounds()];
    // Not measured: at the first start files are not in memory.
    time(List.of(file.toString()));
    for (int round = 0; round < settings.rounds(); round++) {
      empty[round] = time(List.of());
      firstRecord[round] = time(List.of(file.toString()));
    }
    return new Times(Statistics.of(empty), Statistics.of(firstRecord));
  }

  private double time(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(WorkerProcess.javaCommand(settings, FirstRecord.class));
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

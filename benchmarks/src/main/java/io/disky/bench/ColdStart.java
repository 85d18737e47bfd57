package io.disky.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long a new JVM takes to the first record, the library's loading included. */
final class ColdStart {
  private final Settings settings;
  private final Corpus corpus;

  /**
   * What was measured.
   *
   * @param empty a JVM that does nothing, in nanoseconds
   * @param firstRecord one that reads the first record of a file
   */
  record Times(Statistics empty, Statistics firstRecord) {}

  ColdStart(Settings settings, Corpus corpus) {
    this.settings = settings;
    this.corpus = corpus;
  }

  /** Measures with the file that cell reads. */
  Times run(Cell cell) throws IOException {
    corpus.prepare(cell, Contestants.DISKY_FILE);
    corpus.renew(cell, Contestants.DISKY_FILE);
    Path file = corpus.input(cell, Contestants.DISKY_FILE);
    double[] empty = new double[settings.rounds()];
    double[] firstRecord = new double[settings.rounds()];
    // The first start finds files that are not in memory.
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

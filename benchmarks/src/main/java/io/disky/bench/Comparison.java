package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Measures contestants in rounds. In each round all contestants work in turn, so if the machine
 * becomes slower for a while, it is slower for all of them. Each contestant is a process that lives
 * from its warm-up to the last round.
 */
final class Comparison {
  private final Settings settings;
  private final Corpus corpus;

  /** A contestant with its process and its answers. */
  private static final class Entry {
    final Contestant contestant;
    final WorkerProcess process;
    final List<Double> nanos = new ArrayList<>();
    long allocated;
    long outputSize;

    Entry(Contestant contestant, WorkerProcess process) {
      this.contestant = contestant;
      this.process = process;
    }
  }

  Comparison(Settings settings, Corpus corpus) {
    this.settings = settings;
    this.corpus = corpus;
  }

  /** Compares the contestants of {@code cell}. */
  CellResult run(Cell cell) throws IOException {
    List<String> absent = new ArrayList<>();
    List<Contestant> contestants = new ArrayList<>();
    for (Contestant contestant : Contestants.of(cell, settings.earlier() != null)) {
      if (contestant.language() == Contestant.Language.PYTHON && settings.python() == null) {
        absent.add(contestant.name() + ": " + System.getProperty("disky.bench.python.missing"));
      } else {
        contestants.add(contestant);
      }
    }
    Set<String> sources = new LinkedHashSet<>();
    for (Contestant contestant : contestants) {
      if (contestant.source() != null && sources.add(contestant.source())) {
        corpus.prepare(cell, contestant.source());
        corpus.renew(cell, contestant.source());
      }
    }
    List<Entry> entries = new ArrayList<>();
    try {
      for (Contestant contestant : contestants) {
        entries.add(new Entry(contestant, start(cell, contestant)));
      }
      return new CellResult(cell, measure(cell, entries, sources), absent);
    } finally {
      for (Entry entry : entries) {
        entry.process.close();
      }
    }
  }

  private WorkerProcess start(Cell cell, Contestant contestant) throws IOException {
    List<String> arguments = new ArrayList<>(corpus.arguments(cell));
    arguments.add("threads=" + contestant.threads());
    arguments.add("output=" + corpus.output(cell, contestant));
    if (contestant.source() != null) {
      arguments.add("input=" + corpus.input(cell, contestant.source()));
    }
    Build build =
        contestant.role() == Contestant.Role.BEFORE
            ? Objects.requireNonNull(settings.earlier())
            : Build.current();
    return WorkerProcess.start(
        settings, build, contestant.language(), contestant.work(), arguments);
  }

  private List<Series> measure(Cell cell, List<Entry> entries, Set<String> sources)
      throws IOException {
    for (Entry entry : entries) {
      entry.process.awaitReady();
    }
    checkAgreement(entries);
    List<Entry> turns = new ArrayList<>(entries);
    for (int round = 0; round < settings.rounds(); round++) {
      // A file that stays open would not be replaced.
      if (!cell.operation().opensOnce()) {
        for (String source : sources) {
          corpus.renew(cell, source);
        }
      }
      for (Entry entry : turns) {
        WorkerProcess.Answer answer = entry.process.measure(settings.roundMillis());
        entry.nanos.add(Statistics.median(answer.nanos()));
        entry.allocated = answer.allocated();
        removeOutput(cell, entry);
      }
      // No contestant is always first, or always after the same one.
      Collections.rotate(turns, 1);
      Collections.reverse(turns);
    }
    List<Series> series = new ArrayList<>();
    for (Entry entry : entries) {
      series.add(
          new Series(
              entry.contestant,
              entry.nanos,
              entry.allocated,
              entry.process.peakMemory(),
              fileSize(cell, entry)));
    }
    return series;
  }

  /**
   * Warms up all contestants. Checks that the first runs of all readers have read the same records.
   * Later runs of random access read other records, and the number of runs in the warm-up differs.
   */
  private void checkAgreement(List<Entry> entries) throws IOException {
    Long expected = null;
    for (Entry entry : entries) {
      long checksum = entry.process.measure(0).checksum();
      WarmUp.run(entry.process, entry.contestant, settings.warmUpMillis());
      if (entry.contestant.role() == Contestant.Role.LIMIT) {
        continue;
      }
      if (expected == null) {
        expected = checksum;
      } else if (checksum != expected) {
        throw new IOException(
            entry.contestant.name() + " says " + checksum + " instead of " + expected);
      }
    }
  }

  /**
   * Removes the output, so that the operating system does not write it to the disk while other
   * contestants work.
   */
  private void removeOutput(Cell cell, Entry entry) throws IOException {
    Path output = corpus.output(cell, entry.contestant);
    if (Files.isRegularFile(output)) {
      entry.outputSize = Files.size(output);
      Files.delete(output);
    } else if (Files.isDirectory(output)) {
      entry.outputSize = Corpus.size(output);
      Corpus.removeFiles(output);
    }
  }

  private long fileSize(Cell cell, Entry entry) throws IOException {
    if (!cell.operation().isOfWholeFiles() || entry.contestant.role() == Contestant.Role.LIMIT) {
      return 0;
    }
    String source = entry.contestant.source();
    return source == null ? entry.outputSize : corpus.prepare(cell, source);
  }
}

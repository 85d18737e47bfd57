package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures how cost and memory depend on the size of a file and on the number of files. */
final class Scale {
  private static final long LINE_SIZE = 40;
  private static final int MILLIS = 500;

  /**
   * From this size in bytes a run takes seconds, so it needs no warm-up and is measured only once.
   */
  private static final long LARGE = 4_000_000_000L;

  private final Settings settings;
  private final Corpus corpus;

  Scale(Settings settings, Corpus corpus) {
    this.settings = settings;
    this.corpus = corpus;
  }

  List<ScaleRow> run() throws IOException {
    List<ScaleRow> rows = new ArrayList<>();
    for (String level : settings.isMeasured() ? List.of("none", "3") : List.of("3")) {
      for (long size : settings.sizes()) {
        if (level.equals("none") || size <= Settings.MOST_COMPRESSED) {
          rows.add(row(size / LINE_SIZE, 1, level, "one file of " + Units.bytes(size)));
        }
      }
    }
    for (int shards : settings.shards()) {
      rows.add(row(settings.shardLines(), shards, "none", shards + " files"));
    }
    return rows;
  }

  private ScaleRow row(long lines, int files, String level, String subject) throws IOException {
    corpus.clear();
    Path directory = settings.directory().resolve("files").resolve("scale");
    Files.createDirectories(directory);
    if (Files.getFileStore(directory).getUsableSpace() < 2 * lines * LINE_SIZE) {
      System.out.println("scale, " + subject + ": SKIPPED, the disk has no room");
      return new ScaleRow(subject + ": no room on the disk", 0, 0, 0, 0, 0, 0);
    }
    List<String> arguments = new ArrayList<>();
    arguments.add("records=" + corpus.records(Dataset.LINES).name());
    arguments.add("level=" + level);
    arguments.add("count=" + files);
    arguments.add("lines=" + lines);
    arguments.add("input=" + directory);
    arguments.add("output=" + directory);
    Measured write = measure("scale-write", lines, arguments);
    long bytes = Corpus.size(directory);
    Measured read = measure("scale-read", lines, arguments);
    corpus.clear();
    return new ScaleRow(
        subject + (level.equals("none") ? "" : ", zstd " + level),
        lines,
        bytes,
        read.nanos / lines,
        read.memory,
        write.nanos / lines,
        write.memory);
  }

  private record Measured(double nanos, long memory) {}

  /** Measures in a process of its own, so that only this work uses its memory. */
  private Measured measure(String work, long lines, List<String> arguments) throws IOException {
    long bytes = lines * LINE_SIZE;
    try (WorkerProcess process =
        WorkerProcess.start(settings, Contestant.Language.JAVA, work, arguments)) {
      process.awaitReady();
      int millis = settings.isMeasured() ? MILLIS : 0;
      if (bytes < LARGE) {
        process.measure(millis);
      }
      WorkerProcess.Answer answer = process.measure(millis, WorkerProcess.mostMinutes(bytes));
      return new Measured(Statistics.median(answer.nanos()), process.peakMemory());
    }
  }
}

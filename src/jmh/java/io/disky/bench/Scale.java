package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What cost and memory depend on: files from small to large, and one to many of them. */
final class Scale {
  private static final long LINE_SIZE = 40;
  private static final int MILLIS = 500;

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
        long lines = size / LINE_SIZE;
        rows.add(row(lines, 1, level, "one file of " + Units.bytes(size)));
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
    Measured write = measure("scale-write", arguments);
    long bytes = Corpus.size(directory);
    Measured read = measure("scale-read", arguments);
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

  /** In a process of its own, so that its memory is that of this work alone. */
  private Measured measure(String work, List<String> arguments) throws IOException {
    try (WorkerProcess process =
        WorkerProcess.start(settings, Contestant.Language.JAVA, work, arguments)) {
      process.awaitReady();
      int millis = settings.isMeasured() ? MILLIS : 0;
      process.measure(millis);
      double nanos = Statistics.median(process.measure(millis).nanos());
      return new Measured(nanos, process.peakMemory());
    }
  }
}

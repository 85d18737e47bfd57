package io.disky.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The files that are read and written. The records are kept for later runs. All other files are
 * made anew, because another version of the library may write other files.
 */
final class Corpus {
  private static final int BUFFER_SIZE = 1 << 20;

  private final Settings settings;
  private final Path masters;
  private final Path files;

  Corpus(Settings settings) throws IOException {
    this.settings = settings;
    this.masters = settings.directory().resolve("masters");
    this.files = settings.directory().resolve("files");
    clear();
  }

  /** Removes all files except the records. */
  void clear() throws IOException {
    removeTree(masters);
    removeTree(files);
    Files.createDirectories(masters);
    Files.createDirectories(files);
  }

  private static void removeTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Removes the contents of {@code directory}, but not the directory. */
  static void removeFiles(Path directory) throws IOException {
    for (Path file : list(directory)) {
      Files.delete(file);
    }
  }

  /** The records of {@code dataset}. Creates them if they do not exist. */
  RecordsFile records(Dataset dataset) throws IOException {
    long count = Math.min(dataset.mostRecords(), settings.mostRecords());
    // The name contains the version of the JDK, because each version has other classes.
    String name =
        String.format(
            "%s-%s-%s",
            dataset.name().toLowerCase(Locale.ROOT),
            count == Long.MAX_VALUE ? "all" : count,
            Runtime.version());
    RecordsFile records = new RecordsFile(settings.directory().resolve("records").resolve(name));
    records.create(dataset, count);
    return records;
  }

  /** The path of the input that {@code source} writes; {@link #renew} writes it. */
  Path input(Cell cell, String source) {
    return files.resolve(name(cell, source));
  }

  /** The path of the file or directory that {@code contestant} writes. */
  Path output(Cell cell, Contestant contestant) {
    return files.resolve("written-" + cell.id() + "-" + contestant.work());
  }

  /**
   * Lets {@code source} write its file, unless that has been done.
   *
   * @return size of the file in bytes
   */
  long prepare(Cell cell, String source) throws IOException {
    Path master = masters.resolve(name(cell, source));
    if (!Files.exists(master)) {
      try (WorkerProcess writer =
          WorkerProcess.start(
              settings, Contestants.languageOf(source), source, arguments(cell, master))) {
        writer.awaitReady();
        writer.measure(0);
      }
    }
    return size(master);
  }

  /** Size in bytes of a file, or of all files in a directory. */
  static long size(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return Files.size(path);
    }
    long size = 0;
    for (Path file : list(path)) {
      size += Files.size(file);
    }
    return size;
  }

  private static String name(Cell cell, String source) {
    return source + "-" + cell.dataset() + "-" + cell.level();
  }

  private List<String> arguments(Cell cell, Path output) throws IOException {
    List<String> arguments = new ArrayList<>(arguments(cell));
    arguments.add("output=" + output);
    arguments.add("threads=1");
    return arguments;
  }

  /** The arguments for all contestants of {@code cell}. */
  List<String> arguments(Cell cell) throws IOException {
    return List.of(
        "records=" + records(cell.dataset()).name(),
        "level=" + (cell.isCompressed() ? cell.level() : "none"),
        "count=" + cell.units());
  }

  /**
   * Writes the file of {@code source} again. The operating system may have dropped the pages of an
   * older file from memory and read them again; they are then scattered, and reading the file takes
   * twice as long.
   */
  void renew(Cell cell, String source) throws IOException {
    Path master = masters.resolve(name(cell, source));
    Path copy = input(cell, source);
    if (Files.isDirectory(master)) {
      removeTree(copy);
      Files.createDirectories(copy);
      for (Path file : list(master)) {
        write(file, copy.resolve(file.getFileName()));
      }
    } else {
      write(master, copy);
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static void write(Path master, Path copy) throws IOException {
    Files.deleteIfExists(copy);
    byte[] buffer = new byte[BUFFER_SIZE];
    try (InputStream in = Files.newInputStream(master);
        OutputStream out = Files.newOutputStream(copy)) {
      for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
        out.write(buffer, 0, size);
      }
    }
  }
}

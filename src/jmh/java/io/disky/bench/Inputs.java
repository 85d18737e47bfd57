package io.disky.bench;

import io.disky.Compression;
import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * The record files that are read, and the place for those that are written. A file is made when it
 * is first asked for, and kept for later runs.
 *
 * <p>System properties: {@code disky.bench.directory} is where, {@code disky.bench.records} the
 * most records a file has, by default all of its data set.
 */
final class Inputs {
  private static final Path DIRECTORY = Path.of(System.getProperty("disky.bench.directory"));
  private static final long MOST_RECORDS = Long.getLong("disky.bench.records", Long.MAX_VALUE);

  private Inputs() {}

  /** Says whether files hold so few records that times mean nothing. */
  static boolean arePartial() {
    return MOST_RECORDS != Long.MAX_VALUE;
  }

  /** The file that holds {@code dataset}, compressed as {@code compression} says. */
  static Path file(Dataset dataset, Compression compression) throws IOException {
    long count = Math.min(dataset.mostRecords(), MOST_RECORDS);
    Path file = DIRECTORY.resolve(name(dataset, compression, count));
    if (!Files.exists(file)) {
      write(file, dataset, compression, count);
    }
    return file;
  }

  // The JDK's version, because each has other classes.
  private static String name(Dataset dataset, Compression compression, long count) {
    return String.format(
        "%s-%s-%s-%s.disky",
        dataset.name().toLowerCase(Locale.ROOT),
        count == Long.MAX_VALUE ? "all" : count,
        Runtime.version(),
        compression.toString().replace(':', '-'));
  }

  private static void write(Path file, Dataset dataset, Compression compression, long count)
      throws IOException {
    Files.createDirectories(DIRECTORY);
    Path unfinished = destination();
    WriterOptions options =
        WriterOptions.defaults().withCompression(compression).withOpenMode(OpenMode.CREATE_NEW);
    try (RecordWriter writer = RecordWriter.open(unfinished, options)) {
      dataset.forEach(count, writer::write);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A path for a file to be written, where nothing is. */
  static Path destination() throws IOException {
    Path destination = DIRECTORY.resolve("written-" + ProcessHandle.current().pid() + ".disky");
    Files.deleteIfExists(destination);
    return destination;
  }
}

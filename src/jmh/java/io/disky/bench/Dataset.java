package io.disky.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The records that are read and written. The same ones on every run. */
public enum Dataset {
  /** Lines as logs have them: 40 bytes on average, 30 to 50 each. */
  LINES {
    @Override
    long mostRecords() {
      return 3_000_000;
    }

    @Override
    void forEach(long count, Visitor visitor) throws IOException {
      Random random = new Random(SEED);
      for (long i = 0; i < count; i++) {
        visitor.visit(line(random, i).getBytes(StandardCharsets.US_ASCII));
      }
    }
  },

  /** The class files of the running JDK: 5 KB on average, 100 bytes to 300 KB each. */
  CLASSES {
    @Override
    long mostRecords() {
      return Long.MAX_VALUE;
    }

    @Override
    void forEach(long count, Visitor visitor) throws IOException {
      Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
      List<Path> classFiles;
      try (Stream<Path> files = Files.walk(modules)) {
        classFiles =
            files.filter(file -> file.toString().endsWith(".class")).sorted().limit(count).toList();
      }
      for (Path file : classFiles) {
        visitor.visit(Files.readAllBytes(file));
      }
    }
  };

  /** Takes a record. */
  @FunctionalInterface
  interface Visitor {
    void visit(byte[] bytes) throws IOException;
  }

  private static final long SEED = 40;
  private static final String[] LEVELS = {"INFO", "INFO", "INFO", "DEBUG", "WARN"};
  private static final String[] EVENTS = {
    "read", "wrote", "opened", "closed", "sent", "received", "retried", "expired"
  };
  private static final String[] SUBJECTS = {"order", "chunk", "user", "item", "page", "job"};

  /** The most records there are, or a number beyond that. */
  abstract long mostRecords();

  /** Visits the first {@code count} records, or all if there are fewer. */
  abstract void forEach(long count, Visitor visitor) throws IOException;

  private static String line(Random random, long index) {
    // Three milliseconds between two lines on average, so that neighbours share most of the time.
    long millis = 3 * index + random.nextInt(3);
    StringBuilder line = new StringBuilder(50);
    appendPadded(line, millis / 3_600_000 % 24, 10).append(':');
    appendPadded(line, millis / 60_000 % 60, 10).append(':');
    appendPadded(line, millis / 1_000 % 60, 10).append('.');
    appendPadded(line, millis % 1_000, 100).append(' ');
    line.append(LEVELS[random.nextInt(LEVELS.length)]).append(" t-").append(random.nextInt(16));
    line.append(' ').append(EVENTS[random.nextInt(EVENTS.length)]);
    line.append(' ').append(SUBJECTS[random.nextInt(SUBJECTS.length)]);
    return line.append('/').append(random.nextInt(100_000)).toString();
  }

  /** Appends {@code number} with as many digits as {@code unit} has, or more. */
  private static StringBuilder appendPadded(StringBuilder line, long number, long unit) {
    for (long digit = unit; digit > Math.max(number, 1); digit /= 10) {
      line.append('0');
    }
    return line.append(number);
  }
}

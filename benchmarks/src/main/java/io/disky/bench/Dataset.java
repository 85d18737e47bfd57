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

/** The records that are read and written. They are the same in every run. */
public enum Dataset {
  /** Log lines of 30 to 50 bytes, 40 on average. */
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

  /** The class files of the running JDK: 100 bytes to 300 KB, 5 KB on average. */
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
  },

  /** Protocol buffer messages with ten fields, about 1,000 bytes each. */
  MESSAGES {
    @Override
    long mostRecords() {
      return 100_000;
    }

    @Override
    void forEach(long count, Visitor visitor) throws IOException {
      Random random = new Random(SEED);
      for (long i = 0; i < count; i++) {
        visitor.visit(MessageFiles.message(random, i));
      }
    }
  },

  /** Random letters, 100 bytes each. */
  RANDOM_100B(100),

  /** Random letters, 1,000 bytes each. */
  RANDOM_1KB(1_000),

  /** Random letters, 10,000 bytes each. */
  RANDOM_10KB(10_000),

  /** Random letters, 100,000 bytes each. */
  RANDOM_100KB(100_000),

  /** Random letters, 1,000,000 bytes each. */
  RANDOM_1MB(1_000_000),

  /** Random letters, 5,000,000 bytes each. */
  RANDOM_5MB(5_000_000);

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

  private static final long RANDOM_BYTES = 100_000_000;
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final int recordSize;

  Dataset() {
    this(0);
  }

  Dataset(int recordSize) {
    this.recordSize = recordSize;
  }

  /** Returns whether the records are random letters. */
  boolean isRandom() {
    return recordSize > 0;
  }

  /**
   * Returns whether the records are also measured with compression. Random letters of 100 B, 10 KB
   * and 1 MB are not: zstd does the same with them as with other sizes.
   */
  boolean isAlsoCompressed() {
    return switch (this) {
      case LINES, CLASSES, MESSAGES, RANDOM_1KB, RANDOM_100KB, RANDOM_5MB -> true;
      case RANDOM_100B, RANDOM_10KB, RANDOM_1MB -> false;
    };
  }

  /** An upper bound of the number of records. */
  long mostRecords() {
    return RANDOM_BYTES / recordSize;
  }

  /** Visits the first {@code count} records, or all if there are fewer. */
  void forEach(long count, Visitor visitor) throws IOException {
    Random random = new Random(SEED);
    byte[] record = new byte[recordSize];
    for (long i = 0; i < Math.min(count, mostRecords()); i++) {
      fill(record, random);
      visitor.visit(record);
    }
  }

  /**
   * Fills {@code record} with random letters. Uses one random number for ten letters, because there
   * are many letters.
   */
  private static void fill(byte[] record, Random random) {
    long bits = 0;
    for (int i = 0; i < record.length; i++) {
      if (i % 10 == 0) {
        bits = random.nextLong();
      }
      record[i] = (byte) LETTERS.charAt((int) (bits & 63));
      bits >>>= 6;
    }
  }

  /** The name in tables. */
  String label() {
    return switch (this) {
      case LINES -> "40-byte lines";
      case CLASSES -> "JDK class files";
      case MESSAGES -> "messages of ten fields";
      case RANDOM_100B -> "100 B";
      case RANDOM_1KB -> "1 KB";
      case RANDOM_10KB -> "10 KB";
      case RANDOM_100KB -> "100 KB";
      case RANDOM_1MB -> "1 MB";
      case RANDOM_5MB -> "5 MB";
    };
  }

  private static String line(Random random, long index) {
    // On average 3 ms between two lines, so that neighbouring times have most digits in common.
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

  /** Appends {@code number} with at least as many digits as {@code unit} has. */
  private static StringBuilder appendPadded(StringBuilder line, long number, long unit) {
    for (long digit = unit; digit > Math.max(number, 1); digit /= 10) {
      line.append('0');
    }
    return line.append(number);
  }
}

package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Many files of few records, to measure the cost of opening and closing. */
final class SmallFiles {
  private static final int RECORDS = 100;

  private SmallFiles() {}

  /** Reads a file. */
  @FunctionalInterface
  interface Reading {
    long read(Path input) throws IOException;
  }

  /** Writes a file. */
  @FunctionalInterface
  interface Writing {
    long write(Path output, Arguments arguments, byte[][] records) throws IOException;
  }

  static Work reading(Arguments arguments, Reading reading) {
    List<Path> files = files(arguments.path("input"), arguments.number("count"));
    return () -> {
      long sum = 0;
      for (Path file : files) {
        sum += reading.read(file);
      }
      return sum;
    };
  }

  static Work writing(Arguments arguments, Writing writing) throws IOException {
    Path directory = Files.createDirectories(arguments.path("output"));
    List<Path> files = files(directory, arguments.number("count"));
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(RECORDS);
    return new Work() {
      @Override
      public void prepare() throws IOException {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }

      @Override
      public long run() throws IOException {
        long sum = 0;
        for (Path file : files) {
          sum += writing.write(file, arguments, records);
        }
        return sum;
      }
    };
  }

  private static List<Path> files(Path directory, int count) {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(directory.resolve("file-" + i));
    }
    return files;
  }
}

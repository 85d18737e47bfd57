package io.disky.bench;

import io.disky.OpenMode;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Any number of lines of 40 bytes in any number of files, to measure how cost and memory depend on
 * both. The lines of a data set are repeated, so their memory does not depend on their number.
 */
final class LineFiles {
  private static final int DISTINCT = 1 << 16;

  private LineFiles() {}

  /** Reads the files {@code 0}, {@code 1} and so on of a directory, one after the other. */
  static Work reading(Arguments arguments) {
    List<Path> files = files(arguments.path("input"), arguments.number("count"));
    return () -> {
      long sum = 0;
      for (Path file : files) {
        try (RecordReader reader = RecordReader.open(file)) {
          for (RecordBatch next = reader.nextBatch(); next != null; next = reader.nextBatch()) {
            try (RecordBatch batch = next) {
              sum += DiskyReading.sum(batch);
            }
          }
        }
      }
      return sum;
    };
  }

  /** Writes {@code lines} lines, divided among the files of a directory. */
  static Work writing(Arguments arguments) throws IOException {
    Path directory = Files.createDirectories(arguments.path("output"));
    List<Path> files = files(directory, arguments.number("count"));
    long lines = Long.parseLong(arguments.text("lines"));
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(DISTINCT);
    WriterOptions options = DiskyWriting.options(arguments).withOpenMode(OpenMode.OVERWRITE);
    return () -> {
      long bytes = 0;
      long from = 0;
      for (int i = 0; i < files.size(); i++) {
        long to = lines * (i + 1) / files.size();
        try (RecordWriter writer = RecordWriter.open(files.get(i), options)) {
          for (; from < to; from++) {
            writer.write(records[(int) (from % records.length)]);
          }
          bytes += writer.recordBytes();
        }
      }
      return bytes;
    };
  }

  private static List<Path> files(Path directory, int count) {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(directory.resolve(Integer.toString(i)));
    }
    return files;
  }
}

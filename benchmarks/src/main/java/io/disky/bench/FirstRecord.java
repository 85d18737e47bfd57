package io.disky.bench;

import io.disky.RecordReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A program that reads the first record of a file. Without an argument it does nothing. */
public final class FirstRecord {
  private FirstRecord() {}

  /** Reads the first record of the file {@code args[0]}. */
  public static void main(String[] args) throws IOException {
    if (args.length > 0) {
      try (RecordReader reader = RecordReader.open(Path.of(args[0]))) {
        System.out.println(Objects.requireNonNull(reader.next()).byteSize());
      }
    }
  }
}

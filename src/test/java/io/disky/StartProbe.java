package io.disky;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A program that reads the first record of a file. */
final class StartProbe {
  private StartProbe() {}

  public static void main(String[] args) throws IOException {
    try (RecordReader reader = RecordReader.open(Path.of(args[0]))) {
      System.out.println("size " + Objects.requireNonNull(reader.next()).byteSize());
    }
  }
}

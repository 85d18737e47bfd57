package io.disky.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.disky.oracle.OracleReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records as text with one character for each byte, read by the independent reader. */
final class RecordTexts {
  private RecordTexts() {}

  /** The records of a file. */
  static List<String> in(Path file) throws IOException {
    return texts(OracleReader.read(file).records());
  }

  /** The records in the bytes of a file. */
  static List<String> in(byte[] file) {
    return texts(OracleReader.parse(file).records());
  }

  /** Writes a file with these records by the command line. */
  static Path write(Path file, String... records) throws IOException {
    CliRun.with(String.join("\n", records) + (records.length == 0 ? "" : "\n"), "write", file)
        .succeeds();
    return file;
  }

  /** Writes a file with these bytes. */
  static Path file(Path file, String bytes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, bytes.getBytes(ISO_8859_1));
  }

  private static List<String> texts(List<byte[]> records) {
    List<String> texts = new ArrayList<>();
    for (byte[] record : records) {
      texts.add(new String(record, ISO_8859_1));
    }
    return texts;
  }
}

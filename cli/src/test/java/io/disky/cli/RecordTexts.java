package io.disky.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.disky.oracle.OracleReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records as text, a character for each byte, by a reader that is not the engine's. */
final class RecordTexts {
  private RecordTexts() {}

  /** The records of a file. */
  static List<String> in(Path file) throws IOException {
    return texts(OracleReader.read(file).records());
  }

  /** The records of a file's bytes. */
  static List<String> in(byte[] file) {
    return texts(OracleReader.parse(file).records());
  }

  /** A file with these records, as the command line writes it. */
  static Path write(Path file, String... records) throws IOException {
    CliRun.with(String.join("\n", records) + (records.length == 0 ? "" : "\n"), "write", file)
        .succeeds();
    return file;
  }

  /** A file with these bytes. */
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

package io.disky.spark.testing;

import io.disky.Compression;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.Records;
import io.disky.WriterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Record files for tests, and the records in data frames. */
public final class RecordFiles {
  private RecordFiles() {}

  /** Writes the records {@code name 0}, {@code name 1} and so on, {@code perChunk} in a chunk. */
  public static Path write(Path file, int records, int perChunk) throws IOException {
    return write(
        file, WriterOptions.defaults().withCompression(Compression.none()), records, perChunk);
  }

  /** Writes these records with {@code options}. */
  public static Path write(Path file, WriterOptions options, int records, int perChunk)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < records; i++) {
        writer.write(record(file, i).getBytes(StandardCharsets.UTF_8));
        if (i % perChunk == perChunk - 1) {
          writer.flush();
        }
      }
    }
    return file;
  }

  /** The record of {@code file} with this number. */
  public static String record(Path file, int number) {
    return file.getFileName() + " " + number;
  }

  /** The records of {@code file}, in order. */
  public static List<String> records(Path file) {
    List<String> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        records.add(Records.toString(record, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return records;
  }

  /** The records of a data frame as texts, sorted. */
  public static List<String> sorted(Dataset<Row> frame) {
    return frame.select("record").collectAsList().stream()
        .map(row -> new String(row.<byte[]>getAs(0), StandardCharsets.UTF_8))
        .sorted()
        .toList();
  }

  /** The records of files as texts, sorted. */
  public static List<String> sorted(Path... files) {
    return List.of(files).stream().flatMap(file -> records(file).stream()).sorted().toList();
  }
}

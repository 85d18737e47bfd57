package io.disky.testing;

import io.disky.Compression;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Record files that depend on nothing but the arguments. */
public final class SampleFiles {
  private SampleFiles() {}

  /** A file of {@code records} records of 1,000 bytes, not compressed, in chunks of 30 KB. */
  public static Path smallChunks(Path directory, int records) throws IOException {
    Path file = directory.resolve("records");
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(30_000);
    Random random = new Random(20261130);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < records; i++) {
        writer.write(SampleRecords.random(random, 1_000));
      }
    }
    return file;
  }
}

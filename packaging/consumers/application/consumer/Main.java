package consumer;

import io.disky.Compression;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.loader.Shuffle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes records, and reads them in the ways in which the library can. */
public final class Main {

  private static final int RECORDS = 10_000;

  private Main() {}

  public static void main(String[] args) throws IOException {
    run();
    System.out.println("consumer: ok");
  }

  /** Writes records and reads them again; throws if the records differ. */
  public static void run() throws IOException {
    Path directory = Files.createTempDirectory("consumer");
    try {
      Path file = directory.resolve("records.disky");
      write(file);
      read(file);
      load(file);
    } finally {
      delete(directory);
    }
  }

  private static void write(Path file) throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.zstd(3)).withChunkSize(64 << 10);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write("record " + i);
      }
    }
  }

  private static void read(Path file) throws IOException {
    long count = 0;
    ReaderOptions options = ReaderOptions.defaults().withParallelism(2);
    try (RecordReader reader = RecordReader.open(file, options)) {
      for (MemorySegment record : reader) {
        expect(record.byteSize(), ("record " + count).length());
        count++;
      }
    }
    expect(count, RECORDS);
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      expect(reader.recordCount(), RECORDS);
    }
  }

  private static void load(Path file) throws IOException {
    long count = 0;
    LoaderOptions options = LoaderOptions.defaults().withSeed(1).withShuffle(Shuffle.global());
    try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
      for (LoadedBatch batch : loader) {
        count += batch.recordCount();
      }
    }
    expect(count, RECORDS);
  }

  private static void expect(long actual, long expected) {
    if (actual != expected) {
      throw new AssertionError(actual + " instead of " + expected);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}

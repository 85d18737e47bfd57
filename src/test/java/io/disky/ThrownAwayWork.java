package io.disky;

import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.loader.Shuffle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Uses each part of the library that has threads, caches or native objects, in one class loader.
 */
public final class ThrownAwayWork {

  private static final int RECORDS = 20_000;

  private ThrownAwayWork() {}

  /** Writes and reads files in a new directory. */
  public static void run(Path directory) throws IOException {
    Files.createDirectory(directory);
    Path file = directory.resolve("file");
    try (RecordWriter writer =
        RecordWriter.open(
            file, WriterOptions.defaults().withParallelism(2).withChunkSize(64 << 10))) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write("a record with the number " + i);
      }
    }
    long count = 0;
    try (RecordReader reader =
        RecordReader.open(file, ReaderOptions.defaults().withParallelism(2))) {
      for (MemorySegment record : reader) {
        count += record.byteSize() > 0 ? 1 : 0;
      }
    }
    expect(count, RECORDS);
    readAtRandom(file);
    readShards(directory.resolve("shards"));
    load(file);
    forget(file);
  }

  private static void readAtRandom(Path file) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      expect(reader.recordCount(), RECORDS);
      reader.visitAll(new long[] {3, 1, RECORDS - 1}, (_, _) -> {});
    }
  }

  private static void readShards(Path directory) throws IOException {
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory)) {
      writer.write(new byte[100]);
    }
    long count = 0;
    try (MultiThreadedReader reader = MultiThreadedReader.open(directory)) {
      for (MemorySegment _ : reader) {
        count++;
      }
    }
    expect(count, 1);
  }

  private static void load(Path file) throws IOException {
    LoaderOptions options = LoaderOptions.defaults().withSeed(18).withShuffle(Shuffle.global());
    long count = 0;
    try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
      for (LoadedBatch batch : loader) {
        count += batch.recordCount();
      }
    }
    expect(count, RECORDS);
  }

  /** A reader that is never closed must not keep the class loader either. */
  private static void forget(Path file) throws IOException {
    expect(RecordReader.open(file).next().byteSize(), "a record with the number 0".length());
  }

  private static void expect(long actual, long expected) {
    if (actual != expected) {
      throw new AssertionError(actual + " instead of " + expected);
    }
  }
}

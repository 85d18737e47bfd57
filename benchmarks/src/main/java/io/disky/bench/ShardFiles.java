package io.disky.bench;

import io.disky.MultiThreadedReader;
import io.disky.MultiThreadedReaderOptions;
import io.disky.MultiThreadedWriter;
import io.disky.MultiThreadedWriterOptions;
import io.disky.RecordBatch;
import io.disky.Shards;
import io.disky.WrittenShard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** A directory of two shards. */
final class ShardFiles {
  private static final int SHARDS = 2;
  private static final String PREFIX = "shard";

  private ShardFiles() {}

  /** Reads: threads decode; one of them is the calling thread, which goes through all batches. */
  static Work reading(Arguments arguments) {
    Path input = arguments.path("input");
    MultiThreadedReaderOptions options =
        MultiThreadedReaderOptions.defaults()
            .withNumShards(SHARDS)
            .withParallelism(arguments.number("threads") - 1);
    return () -> {
      long sum = 0;
      Shards shards = Shards.inDirectory(input, PREFIX);
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        for (RecordBatch next = reader.nextBatch(); next != null; next = reader.nextBatch()) {
          try (RecordBatch batch = next) {
            sum += DiskyReading.sum(batch);
          }
        }
      }
      return sum;
    };
  }

  /**
   * Writes: {@code producers} threads write and {@code workers} threads encode. Without workers the
   * producers encode.
   */
  static Work writing(Arguments arguments, int producers, int workers) throws IOException {
    Path output = Files.createDirectories(arguments.path("output"));
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(Long.MAX_VALUE);
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withPrefix(PREFIX)
            .withNumShards(SHARDS)
            .withParallelism(workers)
            .withWriterOptions(DiskyWriting.options(arguments));
    ExecutorService executor =
        Executors.newFixedThreadPool(producers, Thread.ofPlatform().daemon().factory());
    return new Work() {
      @Override
      public void prepare() throws IOException {
        for (int shard = 0; shard < SHARDS; shard++) {
          Files.deleteIfExists(output.resolve(PREFIX + "_" + shard));
        }
      }

      @Override
      public long run() throws IOException {
        MultiThreadedWriter writer = MultiThreadedWriter.open(output, options);
        try (writer) {
          CompletableFuture<?>[] parts =
              IntStream.range(0, producers)
                  .mapToObj(part -> CompletableFuture.runAsync(() -> write(writer, part), executor))
                  .toArray(CompletableFuture<?>[]::new);
          CompletableFuture.allOf(parts).join();
        } catch (CompletionException e) {
          throw new IOException(e);
        }
        return writer.shards().stream().mapToLong(WrittenShard::recordBytes).sum();
      }

      private void write(MultiThreadedWriter writer, int part) {
        int begin = (int) ((long) records.length * part / producers);
        int end = (int) ((long) records.length * (part + 1) / producers);
        try {
          for (int i = begin; i < end; i++) {
            writer.write(records[i]);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}

package io.disky.bench;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Reads single records of a file. The file is opened once, before the measurement. */
final class DiskyRandom {
  /** Options with a cache that has room for the whole file. */
  static final RandomAccessOptions CACHED = RandomAccessOptions.defaults().withCacheSize(1L << 30);

  /** Options with a cache so small that it almost never contains the record. */
  static final RandomAccessOptions UNCACHED = CACHED.withCacheSize(1 << 20);

  /** The same, and only the thread of the caller decodes. */
  static final RandomAccessOptions ALONE = UNCACHED.withParallelism(0);

  private DiskyRandom() {}

  /** Reads records one by one and copies each into an array. All threads have equal shares. */
  static Work oneByOne(Arguments arguments, RandomAccessOptions options) throws IOException {
    RandomAccessReader reader = open(arguments, options);
    int threads = arguments.number("threads");
    if (threads == 1) {
      return new RandomReading(arguments, indices -> read(reader, indices, 0, indices.length));
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
    return new RandomReading(
        arguments,
        indices -> {
          List<CompletableFuture<Long>> shares =
              IntStream.range(0, threads)
                  .mapToObj(share ->
                      CompletableFuture.supplyAsync(
                          () -> readShare(reader, indices, share, threads), executor))
                  .toList();
          return shares.stream().mapToLong(CompletableFuture::join).sum();
        });
  }

  /** Reads all records in one call, without copies. */
  static Work together(Arguments arguments, RandomAccessOptions options) throws IOException {
    RandomAccessReader reader = open(arguments, options);
    return new RandomReading(
        arguments,
        indices -> {
          long[] sum = {0};
          reader.visitAll(indices, (index, record) -> sum[0] += Checksum.of(record));
          return sum[0];
        });
  }

  /** Opens a reader that stays open until the process ends. */
  private static RandomAccessReader open(Arguments arguments, RandomAccessOptions options)
      throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(arguments.path("input"), options);
    if (options.cacheSize() == CACHED.cacheSize()) {
      // Fills the cache before the measurement.
      reader.visitAll(LongStream.range(0, reader.recordCount()).toArray(), (_, _) -> {});
    }
    return reader;
  }

  private static long readShare(RandomAccessReader reader, long[] indices, int share, int of) {
    try {
      return read(reader, indices, indices.length * share / of, indices.length * (share + 1) / of);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long read(RandomAccessReader reader, long[] indices, int from, int to)
      throws IOException {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += Checksum.of(reader.get(indices[i]));
    }
    return sum;
  }
}

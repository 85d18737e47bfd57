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

/** Reads single records of a file that is opened once, before anything is measured. */
final class DiskyRandom {
  /** Room for all of it. */
  static final RandomAccessOptions CACHED = RandomAccessOptions.defaults().withCacheSize(1L << 30);

  /** Room for so little of a file that next to nothing is found decoded. */
  static final RandomAccessOptions UNCACHED = CACHED.withCacheSize(1 << 20);

  /** And no thread beside the caller's decodes. */
  static final RandomAccessOptions ALONE = UNCACHED.withParallelism(0);

  private DiskyRandom() {}

  /** One by one, each copied into an array. Threads have equal shares. */
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

  /** All in one call, without a copy. */
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

  /** It stays open until the process ends. */
  private static RandomAccessReader open(Arguments arguments, RandomAccessOptions options)
      throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(arguments.path("input"), options);
    if (options.cacheSize() == CACHED.cacheSize()) {
      // What is in the cache later is there from the beginning.
      reader.visitAll(LongStream.range(0, reader.count()).toArray(), (_, _) -> {});
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

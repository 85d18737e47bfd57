package io.disky;

import io.disky.engine.Engine;
import io.disky.threads.ExecutorThreads;
import io.disky.threads.Interruption;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Numbers of records, from chunk headers alone: damaged chunk data go unnoticed. The index of an
 * ArrayRecord is no records.
 */
public final class Records {
  private Records() {}

  /**
   * Counts the records of the file at {@code path}.
   *
   * @throws IOException as {@link RecordReader#open(Path)} and {@link RecordReader#count()} do
   */
  public static long count(Path path) throws IOException {
    try (RecordReader reader = RecordReader.open(path)) {
      return reader.count();
    }
  }

  /**
   * Counts the records of all these files, several at a time; 0 if there are none.
   *
   * @throws ShardException if one could not be read; the first one of those in the list
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   * @throws IOException if a file could not be opened or read
   */
  public static long count(List<Path> paths) throws IOException {
    return countAll(paths.stream().map(Shard::of).toList());
  }

  /**
   * Counts the records of all these shards, several at a time, with as many threads as there are
   * processors. They end before the method returns.
   *
   * @throws ShardException if one could not be opened or read; the first one of those in the list
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   * @throws IOException as the shards have it
   */
  public static long count(Shards shards) throws IOException {
    return countAll(shards.list());
  }

  private static long countAll(List<Shard> shards) throws IOException {
    Engine.ensureLoaded();
    int threads = Math.clamp(shards.size(), 1, Runtime.getRuntime().availableProcessors());
    ExecutorThreads factory = new ExecutorThreads("disky-count");
    ExecutorService executor = Executors.newFixedThreadPool(threads, factory);
    try {
      List<Future<Long>> counts = new ArrayList<>();
      for (Shard shard : shards) {
        counts.add(executor.submit(() -> count(shard)));
      }
      return sum(shards, counts);
    } finally {
      factory.end(executor);
    }
  }

  private static long count(Shard shard) throws IOException {
    try (RecordReader reader = shard.open(ReaderOptions.defaults())) {
      return reader.count();
    }
  }

  private static long sum(List<Shard> shards, List<Future<Long>> counts) throws IOException {
    long sum = 0;
    for (int i = 0; i < counts.size(); i++) {
      try {
        sum += counts.get(i).get();
      } catch (ExecutionException e) {
        throw new ShardException(shards.get(i).name(), e.getCause());
      } catch (InterruptedException e) {
        throw Interruption.exception(shards.get(i).name(), "counting records", e);
      }
    }
    return sum;
  }
}

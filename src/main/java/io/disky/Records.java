package io.disky;

import io.disky.engine.Engine;
import io.disky.threads.ExecutorThreads;
import io.disky.threads.Interruption;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Copies records to Java, and counts records. Counting reads chunk headers only, so damage in the
 * data of chunks goes unnoticed; the index of an ArrayRecord does not count.
 */
public final class Records {
  private Records() {}

  /** Copies {@code record} to an array. */
  public static byte[] toBytes(MemorySegment record) {
    return record.toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Decodes {@code record} as text. Malformed bytes become the charset's replacement character, as
   * with {@link String#String(byte[], Charset)}.
   */
  public static String toString(MemorySegment record, Charset charset) {
    return new String(toBytes(record), charset);
  }

  /**
   * Counts the records of the file at {@code path}.
   *
   * @throws IOException as {@link RecordReader#open(Path)} and {@link RecordReader#recordCount()}
   *     do
   */
  public static long recordCount(Path path) throws IOException {
    try (RecordReader reader = RecordReader.open(path)) {
      return reader.recordCount();
    }
  }

  /**
   * Counts the records of all {@code paths}, several at a time.
   *
   * @return 0 if there are no files
   * @throws ShardException if a file could not be read: the first of these files in the list
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   * @throws IOException if a file could not be opened or read
   */
  public static long recordCount(List<Path> paths) throws IOException {
    return countAll(paths.stream().map(Shard::of).toList());
  }

  /**
   * Counts the records of all {@code shards}, with as many threads as there are processors. The
   * threads end before the method returns.
   *
   * @throws ShardException if a shard could not be opened or read: the first of these in the list
   * @throws InterruptedIOException if the thread is interrupted; it stays interrupted
   * @throws IOException if a shard throws it
   */
  public static long recordCount(Shards shards) throws IOException {
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
      return reader.recordCount();
    }
  }

  private static long sum(List<Shard> shards, List<Future<Long>> counts) throws IOException {
    long sum = 0;
    for (int i = 0; i < counts.size(); i++) {
      try {
        sum += counts.get(i).get();
      } catch (ExecutionException e) {
        throw new ShardException(shards.get(i).name(), Objects.requireNonNull(e.getCause()));
      } catch (InterruptedException e) {
        throw Interruption.exception(shards.get(i).name(), "counting records", e);
      }
    }
    return sum;
  }
}

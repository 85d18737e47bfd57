package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.shards.NumberedShard;
import io.disky.shards.ShardedWriting;
import io.disky.testing.LogCapture;
import io.disky.writing.ChunkBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong beside the files: nobody waits for ever, and nothing is lost in silence. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShardedWritingTest {
  private static final MultiThreadedWriterOptions ONE_SHARD =
      MultiThreadedWriterOptions.defaults()
          .withNumShards(1)
          .withWriterOptions(WriterOptions.defaults().withChunkSize(1000));

  @TempDir private Path directory;

  /** Shards whose streams take bytes, and neither flush nor close. */
  private static final class Unfinishable implements ShardTarget {
    @Override
    public String name() {
      return "unfinishable";
    }

    @Override
    public String name(long number) {
      return "unfinishable_" + number;
    }

    @Override
    public RecordWriter open(long number, WriterOptions options) throws IOException {
      return RecordWriter.open(
          new ByteArrayOutputStream() {
            @Override
            public void flush() throws IOException {
              throw new IOException("no flush");
            }

            @Override
            public void close() throws IOException {
              throw new IOException("no close");
            }
          },
          options);
    }
  }

  /** Fails whoever logs an error. */
  private static final class FailingHandler extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.disky");

    FailingHandler() {
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
        throw new AssertionError("no log");
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aFlushThatMeetsCloseIsDoneOrRefused(int workers) throws Exception {
    for (int round = 0; round < 150; round++) {
      MultiThreadedWriter writer =
          MultiThreadedWriter.open(
              directory.resolve(workers + "-" + round), ONE_SHARD.withParallelism(workers));
      AtomicInteger accepted = new AtomicInteger();
      Thread flusher =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (true) {
                    writer.write(new byte[10]);
                    accepted.incrementAndGet();
                    writer.flush();
                  }
                } catch (IOException | IllegalStateException e) {
                  // closed: what was accepted counts
                }
              });
      Thread.sleep(round % 7);
      writer.close();
      flusher.join();
      assertThat(records(writer)).as("round %s", round).isEqualTo(accepted.get());
    }
  }

  private static long records(MultiThreadedWriter writer) {
    return writer.shards().stream().mapToLong(WrittenShard::recordCount).sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void workersOutliveWhatNobodyExpects(int workers) throws Exception {
    try (LogCapture _ = new LogCapture();
        FailingHandler _ = new FailingHandler()) {
      MultiThreadedWriter writer =
          MultiThreadedWriter.open(new Unfinishable(), ONE_SHARD.withParallelism(workers));
      CompletableFuture<Void> written = writer.writeAsync(new byte[10]);
      CompletableFuture<Void> flushed = writer.flushAsync(FlushMode.SYNC);
      written.join();
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(flushed::join)
          .withCauseInstanceOf(IOException.class);
      assertThatExceptionOfType(IOException.class).isThrownBy(writer::flush);
      assertThatExceptionOfType(IOException.class).isThrownBy(writer::close);
      assertThat(writer.pendingTasks()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void withoutMemoryRecordsAreWrittenOrTheirLossIsTold(int workers) throws Exception {
    int failures = 0;
    int losses = 0;
    int round = 0;
    do {
      AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
      ShardedWriting writing =
          MultiThreadedWriter.writing(
              ShardTarget.inDirectory(directory.resolve(workers + "-" + round), "shard"),
              ONE_SHARD.withParallelism(workers),
              () -> {
                if (left.getAndDecrement() == 0) {
                  throw new OutOfMemoryError("no chunk");
                }
                return ChunkBuffer.ofSize(1000);
              });
      List<CompletableFuture<Void>> futures = writeFromManyThreads(writing);
      left.set(round);
      boolean failed = false;
      try {
        writing.flush(false);
      } catch (OutOfMemoryError e) {
        failed = true;
        failures++;
      }
      boolean told = false;
      try {
        writing.close();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("no chunk");
        told = true;
        losses++;
      }
      long records = writing.shards().stream().mapToLong(NumberedShard::records).sum();
      assertThat(told || records == futures.size()).as("round %s", round).isTrue();
      for (CompletableFuture<Void> future : futures) {
        assertThat(future.handle((_, problem) -> problem == null).join() || told).isTrue();
      }
      round = failed ? round + 1 : -1;
    } while (round > 0);
    assertThat(failures).isGreaterThan(1);
    // The first failure leaves all where it is.
    assertThat(losses).isPositive().isLessThan(failures);
  }

  private static List<CompletableFuture<Void>> writeFromManyThreads(ShardedWriting writing)
      throws InterruptedException {
    List<CompletableFuture<Void>> futures = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 20; i++) {
      Thread producer =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  CompletableFuture<Void> written = writing.write(new byte[10], 0, 10, true);
                  assertThat(written).isNotNull();
                  futures.add(written);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      producer.join();
    }
    assertThat(futures).hasSize(20);
    return futures;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aListenerMayNotFlushOrClose(int workers) throws Exception {
    List<MultiThreadedWriter> writers = new CopyOnWriteArrayList<>();
    List<String> refused = new CopyOnWriteArrayList<>();
    ShardListener listener =
        new ShardListener() {
          @Override
          public void finished(String shard, long records) {
            for (MultiThreadedWriter writer : writers) {
              try {
                writer.flush();
              } catch (IllegalStateException | IOException e) {
                refused.add("flush: " + e);
              }
              try {
                writer.close();
              } catch (IllegalStateException | IOException e) {
                refused.add("close: " + e);
              }
            }
          }
        };
    MultiThreadedWriter writer =
        MultiThreadedWriter.open(
            directory,
            ONE_SHARD
                .withParallelism(workers)
                .withMaxBytesPerWriter(1)
                .withShardListener(listener));
    writers.add(writer);
    writer.write(new byte[10]);
    writer.flush();
    assertThat(writer.isOpen()).isTrue();
    writer.close();
    assertThat(refused)
        .hasSize(4)
        .allMatch(problem -> problem.contains("IllegalStateException"))
        .allMatch(problem -> problem.contains("by its own shard listener"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void whatFillsAShardThatCannotBeFinishedHasFailed(int workers) throws Exception {
    try (LogCapture _ = new LogCapture()) {
      MultiThreadedWriter writer =
          MultiThreadedWriter.open(
              new Unfinishable(), ONE_SHARD.withParallelism(workers).withMaxBytesPerWriter(1));
      CompletableFuture<Void> written = writer.writeAsync(new byte[10]);
      assertThatExceptionOfType(ShardException.class).isThrownBy(writer::flush);
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(written::join)
          .withCauseInstanceOf(ShardException.class);
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(writer::close)
          .withMessageContaining("unfinishable_0");
    }
  }

  @Test
  void whatAListenerThrowsIsLogged() throws Exception {
    ShardListener listener =
        new ShardListener() {
          @Override
          public void opened(String shard) {
            throw new AssertionError("opened");
          }

          @Override
          public void finished(String shard, long records) {
            throw new IllegalArgumentException("finished");
          }
        };
    try (LogCapture log = new LogCapture()) {
      MultiThreadedWriter writer =
          MultiThreadedWriter.open(directory, ONE_SHARD.withShardListener(listener));
      writer.write(new byte[10]);
      writer.flush();
      writer.close();
      assertThat(records(writer)).isEqualTo(1);
      assertThat(log.messages("the listener has failed"))
          .hasSize(2)
          .allMatch(message -> message.startsWith("WARNING") && message.contains("shard"));
    }
  }

  /** Whatever else is going on in the common pool. */
  @Test
  void aFlushWaitsForNoExecutor() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    List<CompletableFuture<Void>> busy = new ArrayList<>();
    for (int i = 0; i < 2 * ForkJoinPool.getCommonPoolParallelism(); i++) {
      busy.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  goOn.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              },
              ForkJoinPool.commonPool()));
    }
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, ONE_SHARD)) {
      writer.write(new byte[10]);
      writer.flush();
      assertThat(records(writer)).isEqualTo(1);
    } finally {
      goOn.countDown();
    }
    CompletableFuture.allOf(busy.toArray(CompletableFuture[]::new)).join();
  }

  @Test
  void flushesTakeRoomInTheQueue() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    ShardListener slow =
        new ShardListener() {
          @Override
          public void finished(String shard, long records) {
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    MultiThreadedWriter writer =
        MultiThreadedWriter.open(
            directory,
            ONE_SHARD
                .withParallelism(1)
                .withMaxBytesPerWriter(1)
                .withTaskQueueCapacity(3)
                .withShardListener(slow));
    writer.write(new byte[10]);
    AtomicInteger begun = new AtomicInteger();
    Thread flusher =
        Thread.ofPlatform()
            .start(() -> {
              try {
                for (int i = 0; i < 10; i++) {
                  var _ = writer.flushAsync();
                  begun.incrementAndGet();
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    while (begun.get() < 2 || flusher.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
      assertThat(begun.get()).isLessThan(3);
    }
    assertThat(writer.pendingTasks()).isEqualTo(3);
    goOn.countDown();
    flusher.join();
    writer.close();
    assertThat(begun.get()).isEqualTo(10);
  }
}

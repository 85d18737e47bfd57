package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.lifetime.GarbageCollection;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many producers, and whatever can happen meanwhile. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MultiThreadedWriterStressTest {
  private static final int PRODUCERS = 8;
  private static final int EACH = 2000;
  private static final MultiThreadedWriterOptions SMALL_CHUNKS =
      MultiThreadedWriterOptions.defaults()
          .withNumShards(3)
          .withTaskQueueBytes(20_000)
          .withWriterOptions(WriterOptions.defaults().withChunkSize(3000));

  @TempDir private Path directory;

  /** A record that says who has written it, with a digest of that. */
  private static byte[] record(int producer, int number) {
    byte[] text = (producer + ":" + number + ":").getBytes(UTF_8);
    byte[] digest = digest(text);
    byte[] record = java.util.Arrays.copyOf(text, text.length + digest.length);
    System.arraycopy(digest, 0, record, text.length, digest.length);
    return record;
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** What a producer does; how many records were accepted of each. */
  private static int[] produce(MultiThreadedWriter writer, ThreadFactory threads)
      throws InterruptedException {
    int[] accepted = new int[PRODUCERS];
    List<Thread> producers = new ArrayList<>();
    for (int p = 0; p < PRODUCERS; p++) {
      int producer = p;
      Thread thread =
          threads.newThread(() -> {
            try {
              for (int i = 0; i < EACH; i++) {
                writer.write(record(producer, i));
                accepted[producer]++;
              }
            } catch (IOException | IllegalStateException e) {
              // closed or failed: what was accepted counts
            }
          });
      producers.add(thread);
      thread.start();
    }
    for (Thread thread : producers) {
      thread.join();
    }
    return accepted;
  }

  private List<String> read(Path from) throws IOException {
    List<String> records = new ArrayList<>();
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        for (byte[] record : ReadingWay.ITERATION.read(file)) {
          int text = record.length - 32;
          byte[] prefix = java.util.Arrays.copyOf(record, text);
          assertThat(java.util.Arrays.copyOfRange(record, text, record.length))
              .isEqualTo(digest(prefix));
          records.add(new String(prefix, UTF_8));
        }
      }
    }
    Collections.sort(records);
    return records;
  }

  private static List<String> expected(int[] accepted) {
    List<String> expected = new ArrayList<>();
    for (int p = 0; p < accepted.length; p++) {
      for (int i = 0; i < accepted[p]; i++) {
        expected.add(p + ":" + i + ":");
      }
    }
    Collections.sort(expected);
    return expected;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void everyRecordOnce(int workers) throws Exception {
    for (ThreadFactory threads :
        List.of(Thread.ofPlatform().factory(), Thread.ofVirtual().factory())) {
      Path shards = Files.createTempDirectory(directory, "shards");
      MultiThreadedWriterOptions options =
          SMALL_CHUNKS.withParallelism(workers).withMaxBytesPerWriter(50_000);
      int[] accepted;
      try (MultiThreadedWriter writer = MultiThreadedWriter.open(shards, options)) {
        accepted = produce(writer, threads);
      }
      assertThat(accepted).containsOnly(EACH);
      assertThat(read(shards)).isEqualTo(expected(accepted));
      assertNoThread();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void closedAtAnyMomentByAnyThread(int workers) throws Exception {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      Path shards = Files.createTempDirectory(directory, "shards");
      MultiThreadedWriter writer =
          MultiThreadedWriter.open(shards, SMALL_CHUNKS.withParallelism(workers));
      long pause = random.nextInt(20);
      List<Thread> closers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        closers.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    Thread.sleep(pause);
                    writer.close();
                  } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                  }
                }));
      }
      int[] accepted = produce(writer, Thread.ofPlatform().factory());
      for (Thread closer : closers) {
        closer.join();
      }
      writer.close();
      assertThat(read(shards)).as("round %s, seed %s", round, seed).isEqualTo(expected(accepted));
      assertNoThread();
    }
  }

  @Test
  void flushesMeanwhile() throws Exception {
    int[] accepted;
    try (MultiThreadedWriter writer =
        MultiThreadedWriter.open(directory, SMALL_CHUNKS.withParallelism(2))) {
      Thread flusher =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 100; i++) {
                    writer.flush();
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      accepted = produce(writer, Thread.ofVirtual().factory());
      flusher.join();
    }
    assertThat(read(directory)).isEqualTo(expected(accepted));
  }

  /** A target whose shard number 1 fails: its engine is gone once it has a chunk. */
  private final class FailingTarget implements ShardTarget {
    private final ShardTarget files = ShardTarget.inDirectory(directory, "shard");
    private final int failing;
    private final List<RecordWriter> writers = new ArrayList<>();

    FailingTarget(int failing) {
      this.failing = failing;
    }

    @Override
    public String name() {
      return "the failing target";
    }

    @Override
    public String name(long number) {
      return files.name(number);
    }

    @Override
    public RecordWriter open(long number, WriterOptions options) throws IOException {
      if (number == failing) {
        // Chunks of another dialect are refused.
        RecordWriter writer = files.open(number, options.withDialect(Dialect.RIEGELI));
        writers.add(writer);
        return writer;
      }
      return files.open(number, options);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void aFailedShardIsNamedAndNothingAcceptedIsLost(int workers) throws Exception {
    List<String> failed = Collections.synchronizedList(new ArrayList<>());
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS
            .withParallelism(workers)
            .withShardListener(
                new ShardListener() {
                  @Override
                  public void failed(String shard, IOException failure) {
                    failed.add(shard);
                  }
                });
    String name = directory.resolve("shard_1").toString();
    int[] accepted;
    try (LogCapture log = new LogCapture()) {
      MultiThreadedWriter writer = MultiThreadedWriter.open(new FailingTarget(1), options);
      accepted = produce(writer, Thread.ofPlatform().factory());
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(ShardException.class)
            .isThrownBy(() -> writer.write(new byte[1]))
            .withMessageContaining(name)
            .satisfies(e -> assertThat(e.shard()).isEqualTo(name));
        assertThatExceptionOfType(ShardException.class)
            .isThrownBy(writer::flush)
            .withMessageContaining(name);
      }
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(writer::close)
          .withMessageContaining(name);
      writer.close();
      assertThat(log.messages(name)).hasSize(1);
    }
    assertThat(failed).containsExactly(name);
    assertThat(read(directory)).isEqualTo(expected(accepted));
    assertNoThread();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void withoutAShardLeftFuturesFail(int workers) throws Exception {
    MultiThreadedWriterOptions options = SMALL_CHUNKS.withNumShards(1).withParallelism(workers);
    try (LogCapture _ = new LogCapture()) {
      MultiThreadedWriter writer = MultiThreadedWriter.open(new FailingTarget(0), options);
      CompletableFuture<Void> first = writer.writeAsync(new byte[10]);
      CompletableFuture<Void> flushed = writer.flushAsync();
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(first::join)
          .withCauseInstanceOf(ShardException.class);
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(flushed::join)
          .withCauseInstanceOf(ShardException.class);
      assertThatExceptionOfType(ShardException.class).isThrownBy(writer::close);
    }
    assertNoThread();
  }

  /** Shards that cannot be opened at first or later. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aShardThatCannotBeOpened(int workers) throws Exception {
    try (LogCapture _ = new LogCapture()) {
      ShardTarget files = ShardTarget.inDirectory(directory, "shard");
      AtomicLong most = new AtomicLong(1);
      ShardTarget limited =
          new ShardTarget() {
            @Override
            public String name() {
              return "limited";
            }

            @Override
            public String name(long number) {
              return files.name(number);
            }

            @Override
            public RecordWriter open(long number, WriterOptions options) throws IOException {
              if (number >= most.get()) {
                throw new IOException("no more");
              }
              return files.open(number, options);
            }
          };
      MultiThreadedWriterOptions options =
          SMALL_CHUNKS.withParallelism(workers).withNumShards(2).withMaxBytesPerWriter(5000);
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(() -> MultiThreadedWriter.open(limited, options))
          .withMessageContaining("shard_1")
          .withMessageContaining("no more");
      most.set(4);
      MultiThreadedWriter writer = MultiThreadedWriter.open(limited, options.withAppend(true));
      produce(writer, Thread.ofVirtual().factory());
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(writer::close)
          .withMessageContaining("shard_4");
    }
    assertNoThread();
  }

  /** Producers wait for a shard that does not get on, and hold no more than the bounds. */
  @Test
  void backPressure() throws Exception {
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
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS
            .withParallelism(1)
            .withTaskQueueCapacity(4)
            .withTaskQueueBytes(1 << 20)
            .withNumShards(1)
            .withMaxBytesPerWriter(1)
            .withShardListener(slow);
    AtomicLong written = new AtomicLong();
    int[] accepted = new int[PRODUCERS];
    MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options);
    List<Thread> producers = new ArrayList<>();
    for (int p = 0; p < PRODUCERS; p++) {
      int producer = p;
      producers.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 200; i++) {
                    writer.write(record(producer, i));
                    accepted[producer]++;
                    written.incrementAndGet();
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    // Until nothing has got on for a while: it is the bound that stops them.
    long before = -1;
    while (before != written.get() || writer.pendingTasks() < 4) {
      before = written.get();
      Thread.sleep(100);
    }
    int perChunk = 3000 / (record(0, 100).length + 8) + 1;
    int stripes = 4 * Runtime.getRuntime().availableProcessors();
    assertThat(written.get()).isLessThanOrEqualTo((long) perChunk * (5 + stripes));
    assertThat(writer.pendingTasks()).isEqualTo(4);
    goOn.countDown();
    for (Thread producer : producers) {
      producer.join();
    }
    writer.close();
    assertThat(read(directory)).isEqualTo(expected(accepted));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void forgottenLeavesNoThread(int workers) throws Exception {
    try (LogCapture log = new LogCapture()) {
      CompletableFuture<Void> lost = forget(workers);
      assertThat(
              GarbageCollection.leadsTo(
                  () -> noThread() && !log.messages("never closed").isEmpty()))
          .isTrue();
      assertThat(log.messages("never closed"))
          .hasSize(1)
          .first()
          .asString()
          .contains(directory.toString());
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(lost::join)
          .withCauseInstanceOf(IOException.class);
    }
    // Not locked any more.
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        assertThat(GarbageCollection.leadsTo(() -> canBeContinued(file))).isTrue();
      }
    }
  }

  private static boolean canBeContinued(Path file) {
    try {
      RecordWriter.open(file, WriterOptions.defaults().withOpenMode(OpenMode.APPEND)).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private CompletableFuture<Void> forget(int workers) throws Exception {
    MultiThreadedWriter writer =
        MultiThreadedWriter.open(directory, SMALL_CHUNKS.withParallelism(workers));
    produce(writer, Thread.ofPlatform().factory());
    return writer.writeAsync(new byte[1]);
  }

  private static boolean noThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().startsWith("disky-shards"));
  }

  private static void assertNoThread() {
    assertThat(noThread()).isTrue();
  }
}

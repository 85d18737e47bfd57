package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.ShardFixture.Place;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many consumers of every kind at once, closed or failing at random moments. */
@Timeout(60)
class MultiThreadedReaderStressTest {
  private static final int CONSUMERS = 8;
  private static final int ROUNDS = 12;

  @TempDir private Path directory;
  private Random random;
  private Shards shards;
  private int[] chunks;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  private void setUp(long seed) throws IOException {
    System.out.println("seed " + seed);
    random = new Random(seed);
    chunks = new int[1 + random.nextInt(8)];
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = random.nextInt(40);
    }
    shards = ShardFixture.writeAll(directory, chunks);
  }

  private MultiThreadedReaderOptions options() {
    ReadingOrder[] orders = ReadingOrder.values();
    return MultiThreadedReaderOptions.defaults()
        .withNumShards(1 + random.nextInt(5))
        .withParallelism(1 + random.nextInt(4))
        .withQueueSize(1 + random.nextInt(5000))
        .withOrder(orders[random.nextInt(orders.length)])
        .withDeterministic(random.nextBoolean());
  }

  /** What consumers got, and how they ended. */
  private static final class Outcome {
    private final Queue<Place> places = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
    private final AtomicInteger taken = new AtomicInteger();

    /** Each thread consumes in another way, in part slowly, until there is no more. */
    private List<Thread> consume(MultiThreadedReader reader, long seed) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < CONSUMERS; i++) {
        int way = i;
        Thread.Builder builder = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
        threads.add(
            builder.start(() -> {
              Throwable e =
                  WorkerThreads.thrownBy(() -> consume(reader, way, new Random(seed + way)));
              if (e != null) {
                thrown.add(e);
              }
            }));
      }
      return threads;
    }

    private void consume(MultiThreadedReader reader, int way, Random random) throws Exception {
      switch (way / 2) {
        case 0 ->
            reader.visitBatches(batch -> {
              pause(random);
              batch.forEach(this::took);
            });
        case 1 -> {
          for (MemorySegment record : reader) {
            took(record);
          }
        }
        case 2 -> {
          while (!reader.isAtEnd()) {
            try (RecordBatch batch = reader.tryNextBatch()) {
              if (batch == null) {
                pause(random);
              } else {
                batch.forEach(this::took);
              }
            }
          }
        }
        default -> reader.stream().forEach(this::took);
      }
    }

    private void took(MemorySegment record) {
      places.add(Place.of(record));
      taken.incrementAndGet();
    }

    private static void pause(Random random) throws InterruptedException {
      if (random.nextInt(4) == 0) {
        Thread.sleep(0, random.nextInt(500_000));
      }
    }

    private static void join(List<Thread> threads) throws InterruptedException {
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyRecordComesOnce(long seed) throws Exception {
    setUp(seed);
    for (int round = 0; round < ROUNDS; round++) {
      Outcome outcome = new Outcome();
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options())) {
        Outcome.join(outcome.consume(reader, seed));
        assertThat(reader.queuedBytes()).isZero();
      }
      assertThat(outcome.thrown).isEmpty();
      assertThat(outcome.places)
          .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void isClosedAtAnyMoment(long seed) throws Exception {
    setUp(seed);
    for (int round = 0; round < ROUNDS; round++) {
      Outcome outcome = new Outcome();
      int closeAt = random.nextInt(200);
      MultiThreadedReader reader =
          MultiThreadedReader.open(shards.shuffledForever(seed), options());
      if (ShardFixture.allPlaces(chunks).isEmpty()) {
        closeAt = 0;
      }
      List<Thread> consumers = outcome.consume(reader, seed);
      while (outcome.taken.get() < closeAt) {
        Thread.onSpinWait();
      }
      List<Thread> closers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        closers.add(Thread.ofVirtual().start(reader::close));
      }
      Outcome.join(closers);
      assertThat(ShardFixture.threads()).isEmpty();
      Outcome.join(consumers);
      assertThat(outcome.thrown)
          .hasSize(CONSUMERS)
          .allMatch(IllegalStateException.class::isInstance);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shardThatFailsIsAnErrorForEachConsumer(long seed) throws Exception {
    setUp(seed);
    List<Shard> withFailing = new ArrayList<>(shards.list());
    Path failing =
        Files.writeString(directory.resolve("failing"), "no record file, but long enough");
    withFailing.add(random.nextInt(withFailing.size() + 1), Shard.of(failing));
    for (int round = 0; round < ROUNDS; round++) {
      Outcome outcome = new Outcome();
      try (MultiThreadedReader reader =
          MultiThreadedReader.open(Shards.from(withFailing), options())) {
        Outcome.join(outcome.consume(reader, seed));
      }
      assertThat(outcome.thrown)
          .hasSize(CONSUMERS)
          .allSatisfy(e -> assertThat(e.getMessage()).contains("shard " + failing));
      assertThat(outcome.places).doesNotHaveDuplicates();
      assertThat(ShardFixture.allPlaces(chunks)).containsAll(outcome.places);
    }
  }
}

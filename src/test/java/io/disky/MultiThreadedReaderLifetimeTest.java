package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.ShardFixture.Place;
import io.disky.lifetime.GarbageCollection;
import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.LogCapture;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long records, batches, threads and files of a reader of shards live, and who may use them.
 */
@Timeout(20)
class MultiThreadedReaderLifetimeTest {
  private static final MultiThreadedReaderOptions DEFAULTS = MultiThreadedReaderOptions.defaults();

  @TempDir private Path directory;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void recordIsValidUntilTheNextOne() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      MemorySegment first = reader.next();
      for (int i = 1; i < 5; i++) {
        reader.next();
      }
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(records.hasNext()).isTrue();
      assertThat(Place.of(first)).isEqualTo(new Place(0, 0));
      assertThat(Place.of(reader.tryNext())).isEqualTo(new Place(0, 5));
      assertEnded(first);
      MemorySegment last = null;
      while (records.hasNext()) {
        last = records.next();
      }
      assertThat(reader.next()).isNull();
      assertThat(reader.tryNext()).isNull();
      assertThat(reader.isAtEnd()).isTrue();
      assertThat(Place.of(last)).isEqualTo(new Place(0, 9));
      reader.close();
      assertEnded(last);
    }
  }

  @Test
  void eachThreadHasBatchesOfItsOwn() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 2);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards);
        WorkerThread other = WorkerThread.virtual()) {
      MemorySegment mine = reader.next();
      assertThat(other.call(() -> Place.of(reader.next()))).isEqualTo(new Place(0, 5));
      assertThat(Place.of(mine)).isEqualTo(new Place(0, 0));
      assertThat(Place.of(reader.next())).isEqualTo(new Place(0, 1));
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(other.thrownBy(records::next)).isInstanceOf(WrongThreadException.class);
      assertThat(other.call(() -> Place.of(reader.iterator().next()))).isEqualTo(new Place(0, 6));
    }
  }

  @Test
  void nothingNowIsNotTheEnd() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    Path file = ShardFixture.write(directory, 0, 1);
    Shard slow =
        ShardFixture.shard(
            "slow",
            options -> {
              ShardFixture.awaitQuietly(latch);
              return RecordReader.open(file, options);
            });
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.from(List.of(slow)))) {
      assertThat(reader.tryNext()).isNull();
      assertThat(reader.tryNextBatch()).isNull();
      assertThat(reader.isAtEnd()).isFalse();
      latch.countDown();
      List<Place> places = new ArrayList<>();
      while (!reader.isAtEnd() || places.size() < 5) {
        MemorySegment record = reader.tryNext();
        if (record != null) {
          places.add(Place.of(record));
        }
      }
      assertThat(places).isEqualTo(ShardFixture.places(0, 1));
    }
  }

  @Test
  void streamsHaveEveryRecord() throws IOException {
    int[] chunks = {30, 10, 20, 0, 1};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    MultiThreadedReaderOptions options = DEFAULTS.withParallelism(2).withQueueSize(2000);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      assertThat(reader.stream().map(Place::of).toList())
          .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
    }
    for (int i = 0; i < 10; i++) {
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        assertThat(reader.stream().parallel().map(Place::of).toList())
            .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
      }
      Set<Place> places = ConcurrentHashMap.newKeySet();
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        reader
            .batches()
            .parallel()
            .forEach(batch -> {
              try (batch) {
                batch.forEach(record -> assertThat(places.add(Place.of(record))).isTrue());
              }
            });
      }
      assertThat(places).hasSize(61 * 5);
    }
  }

  @Test
  void streamThatIsCutShortGivesItsBatchBack() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      List<MemorySegment> records = reader.stream().limit(2).toList();
      records.forEach(LifetimeAssert::assertEnded);
      assertThat(reader.isOpen()).isTrue();
    }
  }

  @Test
  void batchesOutliveTheReader() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3);
    RecordBatch batch;
    RecordBatch untouched;
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      batch = reader.nextBatch();
      assertThat(Place.of(batch.get(0))).isEqualTo(new Place(0, 0));
      untouched = reader.nextBatch();
    }
    assertThat(Place.of(batch.get(4))).isEqualTo(new Place(0, 4));
    assertThat(Place.of(untouched.get(4))).isEqualTo(new Place(0, 9));
    batch.close();
    untouched.close();
    assertEnded(batch);
    assertEnded(untouched);
  }

  @Test
  @SuppressWarnings("ReturnValueIgnored") // What matters is that it throws.
  void everythingButClosingThrowsOnceItIsClosed() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 3);
    MultiThreadedReader reader = MultiThreadedReader.open(shards);
    Iterator<MemorySegment> records = reader.iterator();
    try (WorkerThread other = new WorkerThread()) {
      MemorySegment theirs = other.call(reader::next);
      other.run(() -> assertThat(Place.of(theirs).shard()).isZero());
      reader.close();
      other.run(() -> assertThat(Place.of(theirs).shard()).isZero());
      assertThat(other.thrownBy(reader::next)).isInstanceOf(IllegalStateException.class);
      other.run(() -> assertEnded(theirs));
    }
    reader.close();
    assertThat(reader.isOpen()).isFalse();
    for (WorkerThread.Task use :
        List.<WorkerThread.Task>of(
            reader::nextBatch,
            reader::tryNextBatch,
            reader::next,
            reader::tryNext,
            reader::iterator,
            records::hasNext,
            records::next,
            () -> reader.stream().forEach(record -> {}),
            () -> reader.batches().forEach(RecordBatch::close),
            () -> reader.visitBatches(batch -> {}))) {
      assertThat(WorkerThreads.thrownBy(use)).isInstanceOf(IllegalStateException.class);
    }
    assertThat(reader.queuedBytes()).isZero();
    assertThat(reader.queuedRecords()).isZero();
  }

  @Test
  void whoWaitsIsToldOfTheClosing() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ShardSource source =
        () -> {
          ShardFixture.awaitQuietly(never);
          return null;
        };
    MultiThreadedReader reader = MultiThreadedReader.open(source);
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
    List<Thread> consumers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      consumers.add(
          Thread.ofPlatform().start(() -> thrown.add(WorkerThreads.thrownBy(reader::nextBatch))));
    }
    awaitWaiting(consumers);
    // Which interrupts the source, too.
    reader.close();
    for (Thread consumer : consumers) {
      consumer.join();
    }
    assertThat(thrown).hasSize(4).allMatch(IllegalStateException.class::isInstance);
  }

  private static void awaitWaiting(List<Thread> threads) throws InterruptedException {
    while (!threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING)) {
      Thread.sleep(1);
    }
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ShardSource source =
        () -> {
          ShardFixture.awaitQuietly(never);
          return null;
        };
    try (MultiThreadedReader reader = MultiThreadedReader.open(source)) {
      List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
      AtomicInteger interrupted = new AtomicInteger();
      Thread consumer =
          Thread.ofPlatform()
              .start(() -> {
                thrown.add(WorkerThreads.thrownBy(reader::nextBatch));
                interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
              });
      awaitWaiting(List.of(consumer));
      consumer.interrupt();
      consumer.join();
      assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
      assertThat(interrupted).hasValue(1);
    }
  }

  @Test
  void interruptedThreadMayClose() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3, 3);
    MultiThreadedReader reader = MultiThreadedReader.open(shards);
    Thread.currentThread().interrupt();
    reader.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void listenerMayClose() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 3, 3);
    List<MultiThreadedReader> readers = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch opened = new CountDownLatch(1);
    ShardListener listener =
        new ShardListener() {
          @Override
          public void finished(String shard, long records) {
            ShardFixture.awaitQuietly(opened);
            readers.getFirst().close();
          }
        };
    MultiThreadedReader reader =
        MultiThreadedReader.open(shards, DEFAULTS.withShardListener(listener));
    readers.add(reader);
    opened.countDown();
    while (reader.isOpen()) {
      Thread.sleep(1);
    }
    reader.close();
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void filesAreClosedWithTheReader() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 9, 9, 9);
    List<RecordReader> readers = Collections.synchronizedList(new ArrayList<>());
    List<Shard> recording =
        shards.list().stream()
            .map(shard ->
                ShardFixture.shard(
                    shard.name(),
                    options -> {
                      RecordReader reader = shard.open(options);
                      readers.add(reader);
                      return reader;
                    }))
            .toList();
    MultiThreadedReader reader =
        MultiThreadedReader.open(
            Shards.from(recording), DEFAULTS.withNumShards(3).withQueueSize(1));
    reader.nextBatch().close();
    reader.close();
    assertThat(readers).isNotEmpty().noneMatch(RecordReader::isOpen);
  }

  @Test
  void threadsEndWhenEverythingIsRead() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 3, 3);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      while (!ShardFixture.threads().isEmpty()) {
        Thread.sleep(1);
      }
      assertThat(ShardFixture.takeAll(reader)).hasSize(30);
    }
  }

  @Test
  void forgottenReaderIsShutDownAndReported() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 9, 9);
    try (LogCapture log = new LogCapture()) {
      MemorySegment record = firstRecordOf(shards);
      assertThat(
              GarbageCollection.leadsTo(() ->
                  ShardFixture.threads().isEmpty()
                      && !log.messages("MultiThreadedReader was never closed").isEmpty()))
          .isTrue();
      assertThat(Place.of(record).number()).isZero();
    }
  }

  private static MemorySegment firstRecordOf(Shards shards) throws IOException {
    return MultiThreadedReader.open(shards, DEFAULTS.withQueueSize(1)).next();
  }

  @Test
  void iteratorKeepsItsReader() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 9);
    MultiThreadedReader reader = MultiThreadedReader.open(shards, DEFAULTS.withQueueSize(1));
    WeakReference<MultiThreadedReader> reference = new WeakReference<>(reader);
    Iterator<MemorySegment> records = reader.iterator();
    reader = null;
    GarbageCollection.run();
    int count = 0;
    while (records.hasNext()) {
      records.next();
      count++;
    }
    assertThat(count).isEqualTo(45);
    MultiThreadedReader found = reference.get();
    assertThat(found).isNotNull();
    found.close();
    assertThat(records).isNotNull();
  }

  @Test
  void ownReaderCanOnlyBeClosed() throws IOException {
    RecordReader reader = RecordReader.open(ShardFixture.write(directory, 0, 2));
    reader.lend();
    assertThatIllegalStateException().isThrownBy(reader::nextBatch);
    assertThatIllegalStateException().isThrownBy(reader::lend);
    reader.close();
  }

  /** Its native part must not be freed under a thread that is about to read with it. */
  @Test
  void ownReaderIsClosedBetweenTwoChunks() throws Exception {
    byte[] file = Files.readAllBytes(ShardFixture.write(directory, 0, 3));
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    RecordReader own =
        RecordReader.open(
            new ByteArrayInputStream(file) {
              @Override
              public synchronized int read(byte[] bytes, int offset, int length) {
                reading.countDown();
                ShardFixture.awaitQuietly(closing);
                return super.read(bytes, offset, length);
              }
            });
    Shard shard = ShardFixture.shard("own", _ -> own);
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.from(List.of(shard)))) {
      reading.await();
      Thread closer = Thread.ofPlatform().start(own::close);
      while (closer.isAlive() && closer.getState() != Thread.State.BLOCKED) {
        Thread.sleep(1);
      }
      closing.countDown();
      reader.nextBatch().close();
      closer.join();
    }
  }
}

package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.lifetime.LifetimeAssert.assertForeign;
import static io.disky.testing.NumberedRecords.assertRecords;
import static io.disky.testing.NumberedRecords.assertRest;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch in the reader's memory belongs to the thread that first touches it. */
@SuppressWarnings({
  "ReturnValueIgnored",
  "ThreadPriorityCheck"
}) // what matters is that it throws; waits for another thread
class BatchThreadTest {
  private static final int ROUNDS = 20;
  private static final int CONTESTED = 20;
  private static final int CHUNKS = 100;
  private static final int PER_CHUNK = 8;
  private static final int LAST = CHUNKS * PER_CHUNK - 1;

  @TempDir private Path directory;
  private Path file;
  private RecordReader reader;
  private WorkerThread other;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.none(), CHUNKS, PER_CHUNK);
    reader = RecordReader.open(file);
    other = new WorkerThread();
  }

  @AfterEach
  void tearDown() {
    other.close();
    reader.close();
  }

  @Test
  void goesToTheThreadThatTouchesIt() throws Exception {
    RecordBatch batch = reader.nextBatch();
    assertThat(batch.recordCount()).isEqualTo(PER_CHUNK);
    assertThat(batch.chunkBegin()).isPositive();
    assertThat(batch.toString()).contains("recordCount=8");

    other.run(() -> assertRecords(batch, 0));

    assertForeign(batch);
    assertThat(WorkerThreads.thrownBy(batch::close)).isInstanceOf(WrongThreadException.class);
    other.run(() -> assertRecords(batch, 0));
    other.run(batch::close);
    other.run(() -> assertEnded(batch));
    assertEnded(batch);
    assertRest(reader, PER_CHUNK, LAST);
  }

  @Test
  void staysWithTheThreadThatTouchedIt() throws Exception {
    RecordBatch batch = reader.nextBatch();
    Iterator<MemorySegment> records = batch.iterator();
    List<MemorySegment> segments = List.of(batch.get(0), batch.data(), batch.ends());

    other.run(() -> assertForeign(batch));
    for (MemorySegment segment : segments) {
      other.run(() -> assertForeign(segment));
    }
    assertThat(other.thrownBy(batch::close)).isInstanceOf(WrongThreadException.class);
    assertThat(other.thrownBy(records::next)).isInstanceOf(WrongThreadException.class);
    assertThat(other.call(batch::recordCount)).isEqualTo(PER_CHUNK);

    assertRest(reader, PER_CHUNK, LAST);
    assertRecords(batch, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "offset", "length", "data", "ends", "iterator", "stream"})
  void everyWayToItsRecordsTouches(String way) throws Exception {
    RecordBatch batch = reader.nextBatch();
    other.run(() -> {
      switch (way) {
        case "get" -> batch.get(0);
        case "offset" -> batch.offset(0);
        case "length" -> batch.length(0);
        case "data" -> batch.data();
        case "ends" -> batch.ends();
        case "iterator" -> batch.iterator().next();
        default -> batch.stream().findFirst().orElseThrow();
      }
    });
    assertForeign(batch);
    other.run(batch::close);
  }

  @Test
  void untouchedMayBeClosedByAnyThread() throws Exception {
    RecordBatch batch = reader.nextBatch();
    other.run(batch::close);
    assertEnded(batch);
    assertRest(reader, PER_CHUNK, LAST);
  }

  @Test
  void closedMayBeClosedAgainByAnyThread() throws Exception {
    RecordBatch batch = reader.nextBatch();
    batch.data();
    batch.close();
    other.run(batch::close);
    RecordBatch next = reader.nextBatch();
    other.run(batch::close);
    assertRecords(next, PER_CHUNK);
  }

  @Test
  void readerIsClosedWhileAnotherThreadHasIt() throws Exception {
    RecordBatch theirs = reader.nextBatch();
    MemorySegment record = other.call(() -> theirs.get(0));
    RecordBatch mine = reader.nextBatch();
    mine.data();
    RecordBatch untouched = reader.nextBatch();

    reader.close();

    assertEnded(mine);
    assertEnded(untouched);
    other.run(() -> assertEnded(untouched));
    other.run(() -> assertRecords(theirs, 0));
    other.run(() -> NumberedRecords.assertRecord(record, 0));
    other.run(theirs::close);
    other.run(() -> assertEnded(theirs));
    other.run(() -> assertEnded(record));
  }

  @Test
  void crossesAQueue() throws Exception {
    BlockingQueue<Numbered> queue = new LinkedBlockingQueue<>();
    AtomicInteger taken = new AtomicInteger();
    List<Future<?>> consumers = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
      for (int i = 0; i < 3; i++) {
        consumers.add(
            executor.submit(() -> {
              while (taken.getAndIncrement() < CHUNKS) {
                Numbered numbered = queue.take();
                try (RecordBatch batch = numbered.batch()) {
                  assertRecords(batch, numbered.first());
                }
              }
              return true;
            }));
      }
      for (int i = 0; i < CHUNKS; i++) {
        queue.add(new Numbered(reader.nextBatch(), i * PER_CHUNK));
      }
      assertThat(reader.nextBatch()).isNull();
    }
    for (Future<?> consumer : consumers) {
      consumer.get();
    }
  }

  private record Numbered(RecordBatch batch, int first) {}

  @Test
  void oneOfTwoThreadsGetsIt() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (RecordReader contested = RecordReader.open(file)) {
        List<RecordBatch> batches = take(contested, CHUNKS);
        List<Integer> owners =
            WorkerThreads.duel(
                batches,
                batch -> {
                  batch.data();
                  assertRecords(batch, batches.indexOf(batch) * PER_CHUNK);
                });
        assertThat(owners).containsOnly(1);
      }
    }
  }

  /** However many threads close it: its memory is not given to two others. */
  @Test
  void memoryOfABatchThatTwoThreadsCloseIsGivenBackOnce() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (RecordReader contested = RecordReader.open(file)) {
        List<Integer> closers = WorkerThreads.duel(take(contested, CONTESTED), RecordBatch::close);
        assertThat(closers).containsOnly(2);
        assertDistinct(take(contested, CONTESTED), CONTESTED * PER_CHUNK);
      }
    }
  }

  /** Whoever comes first: it is read, refused or ended, and its memory is not given to others. */
  @Test
  void closingRacesWithTouching() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (RecordReader contested = RecordReader.open(file)) {
        List<RecordBatch> batches = take(contested, CONTESTED);
        AtomicInteger turns = new AtomicInteger();
        WorkerThreads.duel(
            batches,
            batch -> {
              if (turns.getAndIncrement() % 2 == 0) {
                batch.close();
              } else {
                batch.data();
              }
            });
        assertDistinct(take(contested, CONTESTED), CONTESTED * PER_CHUNK);
      }
    }
  }

  private static List<RecordBatch> take(RecordReader reader, int count) throws IOException {
    List<RecordBatch> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batches.add(reader.nextBatch());
    }
    return batches;
  }

  private static void assertDistinct(List<RecordBatch> batches, int first) {
    Set<Long> addresses = new HashSet<>();
    for (RecordBatch batch : batches) {
      assertRecords(batch, first + addresses.size() * PER_CHUNK);
      assertThat(addresses.add(batch.data().address())).isTrue();
    }
  }

  @Test
  void closingTheReaderRacesWithTouching() throws Exception {
    for (int round = 0; round < 50; round++) {
      RecordReader closing = RecordReader.open(file);
      RecordBatch batch = closing.nextBatch();
      try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
        Future<?> touch =
            executor.submit(() -> {
              Throwable thrown = WorkerThreads.thrownBy(batch::data);
              if (thrown == null) {
                assertRecords(batch, 0);
                batch.close();
              } else {
                assertThat(thrown).isInstanceOf(IllegalStateException.class);
              }
            });
        closing.close();
        touch.get();
      }
      assertEnded(batch);
    }
  }

  @Test
  void belongsToAVirtualThread() throws Exception {
    RecordBatch batch = reader.nextBatch();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor.submit(() -> assertRecords(batch, 0)).get();
      executor.submit(() -> assertForeign(batch)).get();
    }
    assertForeign(batch);
    reader.close();
    assertForeign(batch);
  }

  @Test
  void virtualThreadsTakeAChunkEach() throws Exception {
    List<Future<?>> reads = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CHUNKS; i++) {
        int first = i * PER_CHUNK;
        RecordBatch batch = reader.nextBatch();
        reads.add(
            executor.submit(() -> {
              try (batch) {
                Thread.yield();
                assertRecords(batch, first);
                Thread.yield();
                assertRecords(batch, first);
              }
            }));
      }
    }
    for (Future<?> read : reads) {
      read.get();
    }
  }
}

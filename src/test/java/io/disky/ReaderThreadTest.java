package io.disky;

import static io.disky.testing.NumberedRecords.assertRecord;
import static io.disky.testing.NumberedRecords.assertRecords;
import static io.disky.testing.NumberedRecords.assertRest;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader belongs to the thread that first reads with it. */
@SuppressWarnings({
  "ReturnValueIgnored",
  "ThreadPriorityCheck"
}) // what matters is that it throws; waits for another thread
class ReaderThreadTest {
  private static final int CHUNKS = 20;
  private static final int PER_CHUNK = 10;
  private static final int LAST = CHUNKS * PER_CHUNK - 1;

  @TempDir private Path directory;
  private Path file;
  private RecordReader reader;
  private WorkerThread other;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
    reader = RecordReader.open(file);
    other = new WorkerThread();
  }

  @AfterEach
  void tearDown() {
    other.close();
    reader.close();
  }

  @Test
  void refusesAnotherThread() throws Exception {
    Iterator<MemorySegment> records = reader.iterator();
    Spliterator<MemorySegment> split = reader.spliterator();
    assertRecord(records.next(), 0);
    List<WorkerThread.Task> uses =
        List.of(
            records::hasNext,
            records::next,
            () -> split.tryAdvance(record -> {}),
            reader::iterator,
            reader::spliterator,
            reader::stream,
            () -> reader.forEach(record -> {}),
            () -> reader.visit(record -> {}),
            () -> reader.visitBatches(batch -> {}),
            reader::next,
            reader::rewind,
            reader::nextBatch,
            () -> reader.nextBatch(Arena.ofAuto()),
            reader::batches,
            reader::recordCount,
            reader::describe,
            () -> reader.forEachChunk(chunk -> {}),
            reader::close);
    for (WorkerThread.Task use : uses) {
      assertThat(other.thrownBy(use)).isInstanceOf(WrongThreadException.class);
    }
    assertThat(reader.isOpen()).isTrue();
    assertRest(reader, 1, LAST);
  }

  @Test
  void tellsItsFileToAnyThread() throws Exception {
    assertRecord(reader.next(), 0);
    assertThat(other.call(reader::path)).contains(file);
    assertThat(other.call(reader::fileSize)).isEqualTo(reader.fileSize());
    assertThat(other.call(reader::isOpen)).isTrue();
  }

  @Test
  void belongsToTheFirstUserNotToTheOpener() throws Exception {
    other.run(() -> assertRest(reader, 0, LAST));
    assertThat(WorkerThreads.thrownBy(reader::iterator)).isInstanceOf(WrongThreadException.class);
    assertThat(WorkerThreads.thrownBy(reader::close)).isInstanceOf(WrongThreadException.class);
    assertThat(reader.isOpen()).isTrue();
    other.run(reader::close);
    assertThat(reader.isOpen()).isFalse();
  }

  @Test
  void unusedMayBeClosedByAnyThread() throws Exception {
    other.run(reader::close);
    assertThat(reader.isOpen()).isFalse();
    reader.close();
  }

  @Test
  void closedMayBeClosedAgainByAnyThread() throws Exception {
    assertRecord(reader.next(), 0);
    reader.close();
    other.run(reader::close);
  }

  @Test
  void isNotClosedByAnotherThreadDuringACall() throws Exception {
    List<MemorySegment> seen = new ArrayList<>();
    reader.<Exception>visit(record -> {
      assertRecord(record, seen.size());
      assertThat(other.thrownBy(reader::close)).isInstanceOf(WrongThreadException.class);
      assertRecord(record, seen.size());
      seen.add(record);
    });
    assertThat(seen).hasSize(LAST + 1);
    assertThat(reader.isOpen()).isTrue();
  }

  /** As above, wherever in native code the call is. */
  @Test
  void isNotClosedByAnotherThreadAtAnyTime() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger refusals = new AtomicInteger();
    RecordBatch batch = reader.nextBatch();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.execute(() -> {
        while (!done.get() && WorkerThreads.thrownBy(reader::close) != null) {
          refusals.incrementAndGet();
        }
      });
      try {
        for (int i = 0; i < 1000 || refusals.get() < 1000; i++) {
          assertThat(reader.recordCount()).isEqualTo(LAST + 1);
          assertRecords(batch, 0);
        }
        assertRest(reader, PER_CHUNK, LAST);
      } finally {
        done.set(true);
      }
    }
    assertThat(reader.isOpen()).isTrue();
  }

  /** One that comes when the winner has closed it finds a closed reader of another thread. */
  @Test
  void oneOfManyThreadsGetsIt() throws Exception {
    int threads = 4;
    for (int round = 0; round < 50; round++) {
      RecordReader contested = RecordReader.open(file);
      List<Throwable> thrown =
          WorkerThreads.race(
              threads,
              () -> {
                assertRest(contested, 0, LAST);
                contested.close();
              });
      assertThat(thrown).hasSize(threads - 1).allMatch(WrongThreadException.class::isInstance);
      assertThat(contested.isOpen()).isFalse();
    }
  }

  @Test
  void belongsToAVirtualThread() throws Exception {
    try (WorkerThread virtual = WorkerThread.virtual()) {
      virtual.run(() -> assertRecord(reader.next(), 0));
      other.run(() -> {
        Throwable thrown = WorkerThreads.thrownBy(reader::iterator);
        assertThat(thrown).isInstanceOf(WrongThreadException.class);
      });
      assertThat(other.thrownBy(reader::close)).isInstanceOf(WrongThreadException.class);
      virtual.run(() -> assertRest(reader, 1, LAST));
      virtual.run(reader::close);
    }
  }

  @Test
  void manyVirtualThreadsReadAtOnce() throws Exception {
    List<Future<?>> reads = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        reads.add(executor.submit(this::readWithPauses));
      }
    }
    for (Future<?> read : reads) {
      read.get();
    }
  }

  private boolean readWithPauses() throws IOException {
    try (RecordReader mine = RecordReader.open(file)) {
      int number = 0;
      for (MemorySegment record : mine) {
        Thread.yield();
        assertRecord(record, number++);
      }
      assertThat(number).isEqualTo(LAST + 1);
    }
    return true;
  }

  @Test
  void interruptChangesNothing() throws IOException {
    Thread.currentThread().interrupt();
    try {
      assertThat(reader.recordCount()).isEqualTo(LAST + 1);
      assertRest(reader, 0, LAST);
      try (RecordReader opened = RecordReader.open(file)) {
        assertRest(opened, 0, LAST);
      }
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void interruptOfAVirtualThreadChangesNothing() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor.submit(this::interruptChangesNothingHere).get();
    }
  }

  private boolean interruptChangesNothingHere() throws IOException {
    Thread.currentThread().interrupt();
    return readWithPauses() && Thread.currentThread().isInterrupted();
  }
}

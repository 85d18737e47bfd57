package io.disky;

import static io.disky.testing.NumberedRecords.assertRest;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer belongs to the thread that first writes with it. */
@SuppressWarnings("ThreadPriorityCheck") // waits for another thread
class WriterThreadTest {
  private static final WriterOptions SMALL_CHUNKS = WriterOptions.defaults().withChunkSize(500);

  @TempDir private Path directory;
  private Path file;
  private RecordWriter writer;
  private WorkerThread other;

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("file");
    writer = RecordWriter.open(file, SMALL_CHUNKS);
    other = new WorkerThread();
  }

  @AfterEach
  void tearDown() {
    other.close();
  }

  @Test
  void refusesAnotherThread() throws Exception {
    writer.write(record(0));
    byte[] record = record(1);
    ByteBuffer buffer = ByteBuffer.wrap(record);
    List<WorkerThread.Task> uses =
        List.of(
            () -> writer.write(record),
            () -> writer.write(record, 0, 1),
            () -> writer.write(buffer),
            () -> writer.write(MemorySegment.ofArray(record)),
            () -> writer.write(10, slot -> 10),
            writer::flush,
            () -> writer.flush(FlushMode.SYNC),
            writer::fileSize,
            writer::close);
    for (WorkerThread.Task use : uses) {
      assertThat(other.thrownBy(use)).isInstanceOf(WrongThreadException.class);
    }
    assertThat(buffer.position()).isZero();
    assertThat(writer.isOpen()).isTrue();
    assertThat(writer.recordCount()).isEqualTo(1);
    closeAndExpect(1);
  }

  @Test
  void belongsToTheFirstUserNotToTheOpener() throws Exception {
    other.run(() -> writer.write(record(0)));
    assertThat(WorkerThreads.thrownBy(() -> writer.write(record(1))))
        .isInstanceOf(WrongThreadException.class);
    assertThat(WorkerThreads.thrownBy(writer::close)).isInstanceOf(WrongThreadException.class);
    assertThat(writer.isOpen()).isTrue();
    other.run(() -> writer.write(record(1)));
    other.run(writer::close);
    expect(2);
  }

  @Test
  void unusedMayBeClosedByAnyThread() throws Exception {
    other.run(writer::close);
    assertThat(writer.isOpen()).isFalse();
    expect(0);
  }

  @Test
  void closedMayBeClosedAgainByAnyThread() throws Exception {
    writer.write(record(0));
    writer.close();
    other.run(writer::close);
    expect(1);
  }

  @Test
  void isNotClosedByAnotherThreadWhileARecordIsBuilt() throws Exception {
    for (int i = 0; i < 20; i++) {
      byte[] record = record(i);
      writer.write(
          100,
          slot -> {
            assertThat(other.thrownBy(writer::close)).isInstanceOf(WrongThreadException.class);
            assertThat(other.thrownBy(writer::flush)).isInstanceOf(WrongThreadException.class);
            slot.asSlice(0, record.length).copyFrom(MemorySegment.ofArray(record));
            return record.length;
          });
    }
    closeAndExpect(20);
  }

  /** Wherever in native code the call is. */
  @Test
  void isNotClosedByAnotherThreadAtAnyTime() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger refusals = new AtomicInteger();
    writer.write(record(0));
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.execute(() -> {
        started.countDown();
        while (writer.isOpen() && WorkerThreads.thrownBy(writer::close) != null) {
          refusals.incrementAndGet();
        }
      });
      started.await();
      int written = 1;
      while (written < 5000 || refusals.get() == 0) {
        writer.write(record(written++));
        if (written % 50 == 0) {
          writer.flush();
        }
      }
      int expected = written;
      closeAndExpect(expected);
      executor.shutdownNow();
    }
    assertThat(refusals).hasPositiveValue();
  }

  @Test
  void oneOfManyThreadsGetsIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      Path contestedFile = directory.resolve("contested-" + round);
      RecordWriter contested = RecordWriter.open(contestedFile);
      List<Throwable> thrown =
          WorkerThreads.race(
              3,
              () -> {
                contested.write(record(0));
                contested.write(record(1));
                contested.close();
              });
      // A thread that comes when all is done finds a closed writer of another one.
      assertThat(thrown).hasSize(2).allMatch(WrongThreadException.class::isInstance);
      try (RecordReader reader = RecordReader.open(contestedFile)) {
        assertRest(reader, 0, 1);
      }
    }
    closeAndExpect(0);
  }

  @Test
  void manyVirtualThreadsWriteAtOnce() throws Exception {
    List<Future<Path>> files = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        Path mine = directory.resolve("virtual-" + i);
        files.add(executor.submit(() -> writeWithPauses(mine)));
      }
    }
    for (Future<Path> written : files) {
      try (RecordReader reader = RecordReader.open(written.get())) {
        assertRest(reader, 0, 99);
      }
    }
    closeAndExpect(0);
  }

  private static Path writeWithPauses(Path file) throws IOException {
    try (RecordWriter mine = RecordWriter.open(file, SMALL_CHUNKS)) {
      for (int i = 0; i < 100; i++) {
        mine.write(record(i));
        Thread.yield();
      }
    }
    return file;
  }

  @Test
  void interruptChangesNothing() throws Exception {
    Thread.currentThread().interrupt();
    try {
      for (int i = 0; i < 30; i++) {
        writer.write(record(i));
      }
      writer.flush();
      writer.flush(FlushMode.SYNC);
      writer.write(record(30));
      writer.close();
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      try (RecordWriter again =
          RecordWriter.open(file, SMALL_CHUNKS.withOpenMode(OpenMode.APPEND))) {
        again.write(record(31));
      }
    } finally {
      Thread.interrupted();
    }
    expect(32);
  }

  private void closeAndExpect(int records) throws IOException {
    writer.close();
    expect(records);
  }

  private void expect(int records) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertRest(reader, 0, records - 1);
    }
  }
}

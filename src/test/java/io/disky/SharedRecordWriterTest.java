package io.disky;

import static io.disky.testing.NumberedRecords.assertRest;
import static io.disky.testing.NumberedRecords.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.testing.ChildJvm;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any thread writes, flushes and closes. */
class SharedRecordWriterTest {
  private static final int THREADS = 4;
  private static final int RECORDS = 2_000;
  private static final WriterOptions SMALL_CHUNKS = WriterOptions.defaults().withChunkSize(500);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("file");
  }

  /** No record is lost, and those of a thread stay in order. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void manyThreadsWriteAtOnce(int parallelism) throws Exception {
    AtomicInteger threads = new AtomicInteger();
    try (SharedRecordWriter writer =
        SharedRecordWriter.open(file, SMALL_CHUNKS.withParallelism(parallelism))) {
      List<Throwable> thrown =
          WorkerThreads.race(
              THREADS,
              () -> {
                int thread = threads.getAndIncrement();
                for (int i = 0; i < RECORDS; i++) {
                  write(writer, thread, i);
                }
              });
      assertThat(thrown).isEmpty();
      assertThat(writer.recordCount()).isEqualTo(THREADS * RECORDS);
    }
    Map<Integer, Integer> next = new HashMap<>();
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        String[] text = new String(record.toArray(ValueLayout.JAVA_BYTE), UTF_8).split(" ", -1);
        int thread = Integer.parseInt(text[0]);
        int expected = next.getOrDefault(thread, 0);
        assertThat(Integer.parseInt(text[1])).isEqualTo(expected);
        next.put(thread, expected + 1);
      }
    }
    assertThat(next)
        .hasSize(THREADS)
        .allSatisfy((thread, count) -> assertThat(count).isEqualTo(RECORDS));
  }

  /** In each way that there is. */
  private static void write(SharedRecordWriter writer, int thread, int number) throws IOException {
    String text = thread + " " + number;
    byte[] bytes = text.getBytes(UTF_8);
    switch (number % 6) {
      case 0 -> writer.write(bytes);
      case 1 -> writer.write(text);
      case 2 -> writer.write(ByteBuffer.wrap(bytes));
      case 3 -> writer.write(MemorySegment.ofArray(bytes));
      case 4 -> {
        writer.write(bytes, 0, bytes.length);
        writer.flush();
      }
      default ->
          writer.write(
              100,
              slot -> {
                slot.copyFrom(MemorySegment.ofArray(bytes));
                return bytes.length;
              });
    }
  }

  /** A thread of the writer calls the stream, while the caller has the lock and waits for it. */
  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void itsStreamIsRefused() throws IOException {
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<SharedRecordWriter> shared = new AtomicReference<>();
    ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            super.write(bytes, offset, length);
            if (shared.get() != null) {
              refusals.add(catchThrowable(() -> shared.get().write("in the stream")));
              refusals.add(catchThrowable(() -> shared.get().recordCount()));
              refusals.add(catchThrowable(() -> shared.get().close()));
            }
          }
        };
    try (SharedRecordWriter writer =
        RecordWriter.open(out, SMALL_CHUNKS.withParallelism(1)).shared()) {
      shared.set(writer);
      writer.write(record(0));
      writer.flush();
      assertThat(refusals)
          .isNotEmpty()
          .hasOnlyElementsOfType(IllegalStateException.class)
          .allSatisfy(refusal ->
              assertThat(refusal).hasMessageContaining("cannot be used by its own stream"));
      shared.set(null);
    }
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(out.toByteArray()))) {
      assertRest(reader, 0, 0);
    }
  }

  @Test
  void threadsTakeTurns() throws Exception {
    try (WorkerThread other = new WorkerThread()) {
      SharedRecordWriter writer = SharedRecordWriter.open(file, SMALL_CHUNKS);
      for (int i = 0; i < 100; i += 2) {
        byte[] record = record(i + 1);
        writer.write(record(i));
        other.run(() -> writer.write(record));
      }
      other.run(writer::flush);
      assertThat(other.<Long>call(writer::fileSize)).isEqualTo(writer.fileSize());
      other.run(writer::close);
      assertThat(writer.isOpen()).isFalse();
      writer.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.write(record(0)))
          .withMessageContaining("is closed");
    }
    expect(100);
  }

  /** A close that comes while a record is built waits for it. */
  @Test
  void closingWaitsForTheCallThatIsUnderWay() throws Exception {
    SharedRecordWriter writer = SharedRecordWriter.open(file);
    CountDownLatch building = new CountDownLatch(1);
    Thread closer =
        new Thread(() -> {
          try {
            building.await();
            writer.close();
          } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
          }
        });
    closer.start();
    writer.write(
        100,
        slot -> {
          building.countDown();
          awaitBlocked(closer);
          assertThat(writer.isOpen()).isTrue();
          slot.copyFrom(MemorySegment.ofArray(record(0)));
          return record(0).length;
        });
    closer.join();
    assertThat(writer.isOpen()).isFalse();
    expect(1);
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private static void awaitBlocked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.yield();
    }
  }

  @Test
  void thePlainWriterCannotBeUsedAnyMore() throws Exception {
    RecordWriter plain = RecordWriter.open(file, SMALL_CHUNKS);
    plain.write(record(0));
    SharedRecordWriter shared = plain.shared();
    shared.write(record(1));
    try (WorkerThread other = new WorkerThread()) {
      List<WorkerThread.Task> uses =
          List.of(
              () -> plain.write(record(9)),
              plain::flush,
              plain::fileSize,
              plain::close,
              plain::discard,
              () -> plain.shared());
      for (WorkerThread.Task use : uses) {
        assertThat(WorkerThreads.thrownBy(use))
            .isInstanceOf(WrongThreadException.class)
            .hasMessageContaining("is shared");
        assertThat(other.thrownBy(use)).isInstanceOf(WrongThreadException.class);
      }
      other.run(() -> shared.write(record(2)));
      other.run(shared::close);
    }
    plain.close();
    expect(3);
  }

  @Test
  void onlyTheOwnerShares() throws Exception {
    try (RecordWriter plain = RecordWriter.open(file);
        WorkerThread other = new WorkerThread()) {
      plain.write(record(0));
      assertThat(other.thrownBy(plain::shared)).isInstanceOf(WrongThreadException.class);
      plain.write(
          10,
          slot -> {
            assertThatIllegalStateException().isThrownBy(plain::shared);
            return 0;
          });
      plain.close();
      assertThatIllegalStateException().isThrownBy(plain::shared);
    }
  }

  @Test
  void itsOwnCallbacksCannotUseIt() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    try (SharedRecordWriter writer = RecordWriter.open(stream, SMALL_CHUNKS).shared()) {
      writer.write(
          10,
          slot -> {
            assertThatIllegalStateException().isThrownBy(() -> writer.write(record(0)));
            assertThatIllegalStateException().isThrownBy(writer::close);
            assertThatIllegalStateException().isThrownBy(writer::discard);
            return 1;
          });
      assertThat(writer.name()).isEqualTo("stream");
      assertThat(writer.path()).isEmpty();
    }
    assertThat(stream.size()).isPositive();
  }

  @Test
  void discardsFromAnyThread() throws Exception {
    SharedRecordWriter writer =
        SharedRecordWriter.open(file, WriterOptions.defaults().withAtomicCreation(true));
    writer.write(record(0));
    assertThat(writer.temporaryPath().orElseThrow()).exists();
    try (WorkerThread other = new WorkerThread()) {
      other.run(writer::discard);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFailureIsThrownInEveryThread() throws Exception {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> SharedRecordWriter.open(directory.resolve("none").resolve("file")));
    MemorySegment small = MemorySegment.ofArray(new byte[200]);
    SharedRecordWriter writer =
        RecordWriter.open(small, SMALL_CHUNKS.withCompression(Compression.none())).shared();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> {
          writer.write(new byte[600]);
          writer.flush();
        });
    try (WorkerThread other = new WorkerThread()) {
      assertThat(other.thrownBy(() -> writer.write(record(0)))).isInstanceOf(IOException.class);
      assertThat(other.thrownBy(writer::close)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void textSaysWhatIsWritten() throws IOException {
    SharedRecordWriter writer = SharedRecordWriter.open(file);
    writer.write("abc");
    assertThat(writer).hasToString("SharedRecordWriter[" + file + ", open, records=1, bytes=3]");
    assertThat(writer.recordBytes()).isEqualTo(3);
    writer.close();
    assertThat(writer).hasToString("SharedRecordWriter[" + file + ", closed, records=1, bytes=3]");
  }

  /** The program writes on four threads, and exits in the middle; only a shutdown hook closes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aShutdownHookCompletesTheFile(int parallelism) throws Exception {
    Map<String, Long> printed =
        ChildJvm.run(
            ShutdownProbe.class,
            directory,
            List.of("-Xmx128m"),
            file.toString(),
            Integer.toString(parallelism));
    long records = 0;
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        assertThat(record.byteSize()).isEqualTo(Long.BYTES);
        records++;
      }
    }
    assertThat(RecordWriter.findTornTail(file)).isEmpty();
    assertThat(records).isEqualTo(printed.get("written")).isGreaterThanOrEqualTo(1_000);
  }

  private void expect(int records) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertRest(reader, 0, records - 1);
    }
  }
}

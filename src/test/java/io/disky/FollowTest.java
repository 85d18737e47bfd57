package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.testing.ChildJvm;
import io.disky.testing.NumberedRecords;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers that follow a file while it is written. */
@Timeout(300) // Only so that a reader that waits in vain fails.
class FollowTest {
  private static final ReaderOptions FOLLOW =
      ReaderOptions.defaults().withFollow(true).withFollowInterval(Duration.ofMillis(1));

  /** Looks once. */
  private static final ReaderOptions GLANCE = FOLLOW.withFollowTimeout(Duration.ZERO);

  private static final int RECORDS = 2_000;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  /** Some of several blocks, most of a few bytes. */
  private static byte[] record(int number) {
    byte[] record = NumberedRecords.record(number);
    return number % 500 == 77 ? Arrays.copyOf(record, 200_000) : record;
  }

  private static void writeAll(RecordWriter writer) throws IOException {
    try (writer) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(record(i));
        if (i % 10 == 9) {
          writer.flush();
        }
      }
    }
  }

  private static void assertAll(List<byte[]> records) {
    assertThat(records).hasSize(RECORDS);
    for (int i = 0; i < RECORDS; i++) {
      assertThat(records.get(i)).as("record %d", i).isEqualTo(record(i));
    }
  }

  /** The index of an ArrayRecord ends the reading: nobody has to know how much is to come. */
  @ParameterizedTest
  @EnumSource
  void everyWayOfReadingWaitsForAWriterInAnotherThread(ReadingWay way) throws Exception {
    WriterOptions options =
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(10);
    List<byte[]> records = new ArrayList<>();
    try (ExecutorService executor = Executors.newSingleThreadExecutor();
        RecordReader reader = openEmpty(FOLLOW)) {
      Future<?> written =
          executor.submit(() -> {
            writeAll(RecordWriter.open(file, options.withOpenMode(OpenMode.OVERWRITE)));
            return true;
          });
      way.read(reader, records::add);
      written.get();
    }
    assertAll(records);
  }

  private RecordReader openEmpty(ReaderOptions options) throws IOException {
    Files.write(file, new byte[0]);
    return RecordReader.open(file, options);
  }

  @ParameterizedTest
  @EnumSource
  void recordsOfAWriterInAnotherThread(Dialect dialect) throws Exception {
    WriterOptions options =
        WriterOptions.defaults().withDialect(dialect).withCompression(Compression.none());
    List<byte[]> records = new ArrayList<>();
    try (ExecutorService executor = Executors.newSingleThreadExecutor();
        RecordReader reader = openEmpty(FOLLOW)) {
      Future<?> written =
          executor.submit(() -> {
            writeAll(RecordWriter.open(file, options.withOpenMode(OpenMode.OVERWRITE)));
            return true;
          });
      Iterator<MemorySegment> iterator = reader.iterator();
      while (records.size() < RECORDS) {
        records.add(iterator.next().toArray(ValueLayout.JAVA_BYTE));
      }
      written.get();
    }
    assertAll(records);
    assertThat(Files.size(file)).as("several blocks").isGreaterThan(10 * 65_536);
  }

  /** Writes what {@link #recordsOfAWriterInAnotherProcess} reads. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
      writeAll(RecordWriter.open(Path.of(arguments[0]), options));
      System.out.println("records " + RECORDS);
    }
  }

  @Test
  void recordsOfAWriterInAnotherProcess() throws Exception {
    RecordWriter.open(file).close();
    List<byte[]> records = new ArrayList<>();
    try (ExecutorService executor = Executors.newSingleThreadExecutor();
        RecordReader reader = RecordReader.open(file, FOLLOW)) {
      Future<Map<String, Long>> written =
          executor.submit(() -> ChildJvm.run(Writer.class, directory, List.of(), file.toString()));
      while (records.size() < RECORDS) {
        try (RecordBatch batch = reader.nextBatch()) {
          batch.forEach(record -> records.add(record.toArray(ValueLayout.JAVA_BYTE)));
        }
      }
      assertThat(written.get()).containsEntry("records", (long) RECORDS);
    }
    assertAll(records);
  }

  /** Bytes of a whole file, and a reader of a file to which they come bit by bit. */
  @Test
  void aFileThatComesInPieces() throws IOException {
    byte[] bytes = Files.readAllBytes(NumberedRecords.write(file, Compression.zstd(3), 5, 7));
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = openEmpty(GLANCE)) {
      for (byte b : bytes) {
        Files.write(file, new byte[] {b}, StandardOpenOption.APPEND);
        ReadingWay.VISIT.read(reader, records::add);
        assertThat(records.size() % 7).as("chunks come whole").isZero();
      }
    }
    SampleRecords.assertSame(records, ReadingWay.VISIT.read(file));
    assertThat(records).hasSize(35);
  }

  @Test
  void whatWasTheEndCanBeAskedAgain() throws IOException {
    try (RecordReader reader = openStarted(GLANCE)) {
      Iterator<MemorySegment> iterator = reader.iterator();
      assertThat(reader.nextBatch()).isNull();
      assertThat(iterator.hasNext()).isFalse();
      assertThat(catchThrowable(iterator::next)).isInstanceOf(NoSuchElementException.class);
      try (Arena arena = Arena.ofConfined()) {
        assertThat(reader.nextBatch(arena)).isNull();
      }
      append(1);
      assertThat(iterator.hasNext()).isTrue();
      NumberedRecords.assertRecord(iterator.next(), 1);
      assertThat(iterator.hasNext()).isFalse();
      append(2);
      NumberedRecords.assertRest(reader, 2, 2);
    }
  }

  private void append(int number) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(NumberedRecords.record(number));
    }
  }

  /** A reader of a file that holds a file signature alone. */
  private RecordReader openStarted(ReaderOptions options) throws IOException {
    RecordWriter.open(file).close();
    return RecordReader.open(file, options);
  }

  @Test
  void aTimeoutEndsTheReadingUntilItIsAskedAgain() throws IOException {
    try (RecordReader reader = openStarted(FOLLOW.withFollowTimeout(Duration.ofMillis(20)))) {
      for (int i = 0; i < 3; i++) {
        NumberedRecords.assertRest(reader, i, i - 1);
        append(i);
        NumberedRecords.assertRest(reader, i, i);
      }
    }
  }

  @Test
  void anInterruptEndsTheWaitingAndNothingElse() throws IOException {
    try (RecordReader reader = openStarted(FOLLOW)) {
      append(0);
      Thread.currentThread().interrupt();
      try (RecordBatch batch = reader.nextBatch()) {
        NumberedRecords.assertRecords(batch, 0);
      }
      for (int i = 0; i < 2; i++) {
        assertThat(catchThrowable(reader::nextBatch))
            .isInstanceOf(InterruptedIOException.class)
            .hasMessageContaining(file.toString());
      }
      assertThat(catchThrowable(() -> reader.iterator().hasNext()))
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
      append(1);
      try (RecordBatch batch = reader.nextBatch()) {
        NumberedRecords.assertRecords(batch, 1);
      }
    } finally {
      Thread.interrupted();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aThreadThatWaitsIsInterrupted(boolean virtual) throws Exception {
    RecordWriter.open(file).close();
    Throwable[] thrown = new Throwable[1];
    Runnable follow =
        () -> {
          try (RecordReader reader = RecordReader.open(file, FOLLOW)) {
            thrown[0] = catchThrowable(reader::nextBatch);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    Thread thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(follow);
    while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    thread.join();
    assertThat(thrown[0]).isInstanceOf(InterruptedIOException.class);
  }

  /** Only the stream that reads may be interrupted by closing: any other reader has an owner. */
  @Test
  void closingEndsAStreamThatWaits() throws Exception {
    RecordReader reader = openStarted(FOLLOW.withFollowInterval(Duration.ofDays(1)));
    append(0);
    CountDownLatch first = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Throwable> thrown =
          executor.submit(() ->
              catchThrowable(() ->
                  reader
                      .batches()
                      .forEach(batch -> {
                        batch.close();
                        first.countDown();
                      })));
      first.await();
      reader.close();
      assertThat(thrown.get())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void aFileThatBecomesShorterIsDamaged() throws IOException {
    try (RecordReader reader = openStarted(GLANCE)) {
      append(0);
      NumberedRecords.assertRest(reader, 0, 0);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, 70));
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(CorruptFileException.class)
            .isThrownBy(reader::nextBatch)
            .withMessageContaining("cut to 70 bytes")
            .satisfies(e -> {
              assertThat(e.damage()).isEqualTo(CorruptFileException.Damage.TRUNCATED);
              assertThat(e.recordsRead()).isEqualTo(1);
            });
        Files.write(file, bytes);
      }
    }
  }

  /** What a dead writer left is cut off, and another writer goes on. */
  @Test
  void aTornChunkThatIsReplaced() throws IOException {
    try (RecordReader reader = openStarted(GLANCE)) {
      append(0);
      byte[] whole = Files.readAllBytes(file);
      append(1);
      byte[] more = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(more, more.length - 1));
      NumberedRecords.assertRest(reader, 0, 0);
      Files.write(file, whole);
      assertThat(reader.nextBatch()).isNull();
      append(1);
      append(2);
      NumberedRecords.assertRest(reader, 1, 2);
    }
  }

  @Test
  void withoutItTheFileEndsWhereItDidWhenItWasOpened() throws IOException {
    try (RecordReader reader = openStarted(ReaderOptions.defaults())) {
      append(0);
      assertThat(reader.nextBatch()).isNull();
    }
  }

  @Test
  void recoveryIsRefused() throws IOException {
    RecordWriter.open(file).close();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            RecordReader.open(file, FOLLOW.withCorruptionStrategy(CorruptionStrategy.RECOVER)))
        .withMessageContaining("recover it once it is finished");
  }

  /** A chunk that is there costs one call, and so does each look at the end. */
  @Test
  void followingCallsOncePerChunkAndLook() throws IOException {
    try (RecordReader reader = openStarted(GLANCE)) {
      for (int i = 0; i < 20; i++) {
        append(i);
      }
      NumberedRecords.assertRest(reader, 0, 19);
      long before = reader.downcalls();
      assertThat(reader.nextBatch()).isNull();
      assertThat(reader.downcalls() - before).isEqualTo(1);
      append(20);
      NumberedRecords.assertRest(reader, 20, 20);
      assertThat(reader.downcalls() - before).isEqualTo(3);
    }
  }
}

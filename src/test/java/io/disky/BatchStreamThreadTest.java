package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.testing.NumberedRecords.assertRecords;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader whose batches a stream hands to threads. */
class BatchStreamThreadTest {
  private static final int CHUNKS = 200;
  private static final int PER_CHUNK = 6;

  @TempDir private Path directory;
  private Path file;
  private RecordReader reader;
  private final List<Long> begins = new ArrayList<>();

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
    reader = RecordReader.open(file);
    reader.forEachChunk(chunk -> {
      if (chunk.recordCount() > 0) {
        begins.add(chunk.begin());
      }
    });
  }

  @AfterEach
  void tearDown() {
    reader.close();
  }

  @Test
  void sequentialOneIsInOrder() {
    List<Integer> numbers = reader.batches().map(this::check).toList();
    assertThat(numbers).isEqualTo(IntStream.range(0, CHUNKS).boxed().toList());
  }

  @Test
  void parallelOneHasEachChunkOnce() {
    for (int i = 0; i < 20; i++) {
      try (RecordReader again = open()) {
        List<Integer> numbers = again.batches().parallel().map(this::check).sorted().toList();
        assertThat(numbers).isEqualTo(IntStream.range(0, CHUNKS).boxed().toList());
      }
    }
  }

  @Test
  void goesOnWhereIterationStopped() {
    Iterator<MemorySegment> records = reader.iterator();
    MemorySegment record = null;
    for (int i = 0; i < 2 * PER_CHUNK; i++) {
      record = records.next();
    }
    assertThat(records.hasNext()).isTrue();
    List<Integer> numbers = reader.batches().parallel().map(this::check).sorted().toList();
    assertThat(numbers).isEqualTo(IntStream.range(2, CHUNKS).boxed().toList());
    reader.close();
    assertEnded(record);
  }

  @Test
  void isShortCircuited() {
    assertThat(reader.batches().map(this::check).limit(3).toList()).containsExactly(0, 1, 2);
  }

  @Test
  void readerCanOnlyBeClosed() throws IOException {
    Iterator<MemorySegment> records = reader.iterator();
    Stream<RecordBatch> batches = reader.batches();
    List<ThrowingCallable> uses =
        List.of(
            records::hasNext,
            records::next,
            reader::iterator,
            reader::next,
            reader::rewind,
            reader::stream,
            reader::nextBatch,
            () -> reader.nextBatch(Arena.ofAuto()),
            () -> reader.visit(record -> {}),
            () -> reader.visitBatches(batch -> {}),
            reader::batches,
            reader::recordCount,
            reader::describe);
    for (ThrowingCallable use : uses) {
      assertThatIllegalStateException().isThrownBy(use);
    }
    assertThat(batches.map(this::check)).hasSize(CHUNKS);
    assertThat(reader.isOpen()).isTrue();
  }

  @Test
  void closingTheStreamLeavesTheReaderOpen() {
    try (Stream<RecordBatch> batches = reader.batches()) {
      assertThat(check(batches.findFirst().orElseThrow())).isZero();
    }
    assertThat(reader.isOpen()).isTrue();
  }

  @Test
  void endsWithTheReader() {
    Stream<RecordBatch> batches = reader.batches();
    reader.close();
    assertThatIllegalStateException().isThrownBy(() -> batches.forEach(RecordBatch::close));
  }

  @Test
  void readerMayBeClosedByAnyThread() throws Exception {
    Stream<RecordBatch> batches = reader.batches();
    try (WorkerThread other = new WorkerThread()) {
      other.run(reader::close);
    }
    assertThat(reader.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(batches::findFirst);
  }

  @Test
  void readerMayBeClosedByWhoTakesABatch() {
    AtomicInteger taken = new AtomicInteger();
    assertThatIllegalStateException()
        .isThrownBy(() ->
            reader
                .batches()
                .forEach(batch -> {
                  if (taken.incrementAndGet() == 5) {
                    batch.data();
                    reader.close();
                    assertEnded(batch);
                  } else {
                    check(batch);
                  }
                }));
    assertThat(taken).hasValue(5);
  }

  /** Batches that other threads have touched stay theirs. */
  @Test
  void readerIsClosedWhileThreadsWork() throws Exception {
    for (int round = 0; round < 30; round++) {
      int closeAt = round;
      AtomicInteger taken = new AtomicInteger();
      CountDownLatch close = new CountDownLatch(1);
      try (RecordReader closing = open();
          WorkerThread other = new WorkerThread()) {
        Stream<RecordBatch> batches = closing.batches().parallel();
        Thread closer =
            Thread.ofVirtual()
                .start(() -> {
                  awaitQuietly(close);
                  closing.close();
                });
        Throwable thrown =
            WorkerThreads.thrownBy(() ->
                batches.forEach(batch -> {
                  if (taken.getAndIncrement() == closeAt) {
                    close.countDown();
                  }
                  useWhileOthersClose(batch);
                }));
        closer.join();
        if (taken.get() < CHUNKS) {
          assertThat(thrown).isInstanceOf(IllegalStateException.class);
        }
        assertThat(closing.isOpen()).isFalse();
      }
    }
  }

  private void useWhileOthersClose(RecordBatch batch) {
    Throwable thrown = WorkerThreads.thrownBy(batch::data);
    if (thrown == null) {
      check(batch);
    } else {
      assertThat(thrown).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void memoryIsUsedAgain() {
    ConcurrentHashMap<Long, Integer> addresses = new ConcurrentHashMap<>();
    reader
        .batches()
        .parallel()
        .forEach(batch -> {
          addresses.merge(batch.data().address(), 1, Integer::sum);
          check(batch);
        });
    assertThat(addresses).hasSizeLessThan(CHUNKS / 2);
  }

  @Test
  void damageReachesTheCaller() throws IOException {
    Path truncated = Files.copy(file, directory.resolve("truncated"));
    try (FileChannel channel = FileChannel.open(truncated, StandardOpenOption.WRITE)) {
      channel.truncate(begins.get(50) + 10);
    }
    for (boolean parallel : new boolean[] {false, true}) {
      AtomicInteger taken = new AtomicInteger();
      try (RecordReader damaged = RecordReader.open(truncated)) {
        Stream<RecordBatch> batches = damaged.batches();
        Stream<RecordBatch> all = parallel ? batches.parallel() : batches;
        assertThatExceptionOfType(UncheckedIOException.class)
            .isThrownBy(() ->
                all.forEach(batch -> {
                  check(batch);
                  taken.incrementAndGet();
                }))
            .withRootCauseInstanceOf(CorruptFileException.class);
      }
      assertThat(taken).hasValueBetween(parallel ? 0 : 50, 50);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Checks and closes a batch; returns which it is. */
  private int check(RecordBatch batch) {
    try (batch) {
      int number = begins.indexOf(batch.chunkBegin());
      assertRecords(batch, number * PER_CHUNK);
      return number;
    }
  }

  private RecordReader open() {
    try {
      return RecordReader.open(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

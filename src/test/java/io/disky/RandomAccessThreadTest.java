package io.disky;

import static io.disky.testing.NumberedRecords.isRecord;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.lifetime.GarbageCollection;
import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One random access reader, many threads. */
@Timeout(300)
class RandomAccessThreadTest {
  private static final long SEED = 4711;
  private static final int THREADS = 16;
  private static final int CHUNKS = 400;
  private static final int PER_CHUNK = 50;
  private static final int RECORDS = CHUNKS * PER_CHUNK;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  /** What a chunk takes in memory, about: 50 records of 49 bytes on average and as many ends. */
  private static final long CHUNK_MEMORY = PER_CHUNK * (49 + 8L);

  private static void check(List<Throwable> thrown) {
    assertThat(thrown).isEmpty();
  }

  @Test
  void randomReadsOfAFileLargerThanTheCache() throws Exception {
    long cacheSize = CHUNKS * CHUNK_MEMORY / 20;
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(cacheSize);
    AtomicLong most = new AtomicLong();
    AtomicInteger seeds = new AtomicInteger();
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      check(
          WorkerThreads.race(
              THREADS,
              () -> {
                SplittableRandom random = new SplittableRandom(SEED + seeds.getAndIncrement());
                for (int i = 0; i < 3000; i++) {
                  readSomehow(reader, random);
                  most.accumulateAndGet(reader.chunkMemory(), Math::max);
                }
              }));
      // Each thread has at most a run of chunks apart, where all others are in use.
      long apart = THREADS * 4 * CHUNK_MEMORY * 2;
      assertThat(most.get()).isLessThanOrEqualTo(cacheSize + apart);
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(cacheSize);
      assertThat(reader.decodes()).isGreaterThan(10 * CHUNKS);
    }
  }

  private static void readSomehow(RandomAccessReader reader, SplittableRandom random)
      throws IOException {
    int index = random.nextInt(RECORDS);
    switch (random.nextInt(20)) {
      case 0 -> {
        int to = Math.min(RECORDS, index + random.nextInt(2 * PER_CHUNK));
        try (RecordRange range = reader.batch(index, to)) {
          for (int i = 0; i < range.recordCount(); i += 7) {
            assertRecord(range.get(i), index + i);
          }
        }
      }
      case 1 -> {
        long[] indices = random.longs(4, 0, RECORDS).toArray();
        try (Arena arena = Arena.ofConfined()) {
          List<MemorySegment> records = reader.getAll(indices, arena);
          for (int i = 0; i < indices.length; i++) {
            assertRecord(records.get(i), (int) indices[i]);
          }
        }
      }
      case 2 ->
          reader.visitAll(
              random.longs(4, 0, RECORDS).toArray(),
              (number, record) -> assertRecord(record, (int) number));
      default -> assertRecord(MemorySegment.ofArray(reader.get(index)), index);
    }
  }

  /** Without the cost of an assertion for each. */
  private static void assertRecord(MemorySegment record, int number) {
    if (!isRecord(record, number)) {
      throw new AssertionError("record " + number + " is another one");
    }
  }

  /** All threads want the same chunks at the same time. */
  @ParameterizedTest
  @ValueSource(longs = {0, 64 << 20})
  void threadsThatWantTheSameChunkShareIt(long cacheSize) throws Exception {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(cacheSize);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      check(
          WorkerThreads.race(
              THREADS,
              () -> {
                for (int i = 0; i < RECORDS; i++) {
                  assertRecord(MemorySegment.ofArray(reader.get(i)), i);
                }
              }));
      if (cacheSize > 0) {
        assertThat(reader.decodes()).isEqualTo(CHUNKS);
      } else {
        assertThat(reader.chunkMemory()).isZero();
      }
    }
  }

  @Test
  void virtualThreads() throws Exception {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(50_000);
    List<Future<?>> reads = new ArrayList<>();
    try (RandomAccessReader reader = RandomAccessReader.open(file, options);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 5000; i++) {
        int seed = i;
        reads.add(
            threads.submit(() -> {
              readSomehow(reader, new SplittableRandom(seed));
              return null;
            }));
      }
      for (Future<?> read : reads) {
        read.get();
      }
    }
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  @Test
  void closingWhileOthersRead() throws Exception {
    for (int round = 0; round < 30; round++) {
      int seed = round;
      RandomAccessReader reader =
          RandomAccessReader.open(
              file, RandomAccessOptions.defaults().withCacheSize(20_000).withParallelism(2));
      AtomicInteger reads = new AtomicInteger();
      AtomicInteger seeds = new AtomicInteger();
      List<Throwable> thrown =
          WorkerThreads.race(
              4,
              () -> {
                int number = seeds.getAndIncrement();
                SplittableRandom random = new SplittableRandom(31 * seed + number);
                for (int i = 0; number > 0 || i < seed * 5; i++) {
                  readSomehow(reader, random);
                  reads.incrementAndGet();
                }
                reader.close();
              });
      LifetimeAssert.assertFoundClosed(thrown, 3);
      assertThat(reads.get()).isGreaterThanOrEqualTo(seed * 5);
      assertThat(reader.isOpen()).isFalse();
      assertThat(LifetimeAssert.descriptors(file)).isZero();
    }
  }

  /** Whoever closes finds the file closed, also if another thread was first. */
  @Test
  void everyCloseWaits() throws Exception {
    for (int round = 0; round < 50; round++) {
      RandomAccessReader reader =
          RandomAccessReader.open(file, RandomAccessOptions.defaults().withParallelism(4));
      reader.visitAll(new long[] {1, 5000, 10_000, 15_000}, (_, _) -> {});
      check(
          WorkerThreads.race(
              4,
              () -> {
                reader.close();
                assertThat(LifetimeAssert.descriptors(file)).isZero();
              }));
    }
  }

  /** One damaged chunk fails for all, and the others go on. */
  @Test
  void failuresReachEveryThread() throws Exception {
    Path damaged = directory.resolve("damaged");
    byte[] content = Files.readAllBytes(file);
    long begin;
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      begin = reader.position(300).chunkBegin();
    }
    content[(int) begin + 45] ^= 1;
    Files.write(damaged, content);
    try (RandomAccessReader reader = RandomAccessReader.open(damaged)) {
      List<Throwable> thrown = WorkerThreads.race(THREADS, () -> reader.get(300));
      assertThat(thrown)
          .hasSize(THREADS)
          .doesNotHaveDuplicates()
          .allSatisfy(e -> assertThat(e).isInstanceOf(CorruptFileException.class));
      check(WorkerThreads.race(THREADS, () -> reader.get(0)));
    }
  }

  @Test
  void rangesBelongToTheThreadThatTouchesThem() throws Exception {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      RecordRange range = reader.batch(0, 100);
      assertThat(range.recordCount()).isEqualTo(100);
      MemorySegment[] held = new MemorySegment[1];
      check(
          WorkerThreads.race(
              1,
              () -> {
                held[0] = range.get(3);
                assertRecord(held[0], 3);
              }));
      assertThatExceptionOfType(WrongThreadException.class).isThrownBy(() -> range.get(70));
      assertThatExceptionOfType(WrongThreadException.class).isThrownBy(range::close);
      LifetimeAssert.assertForeign(held[0]);

      RecordRange untouched = reader.batch(100, 200);
      check(WorkerThreads.race(1, untouched::close));
      assertThatExceptionOfType(WrongThreadException.class).isThrownBy(() -> untouched.get(0));
    }
  }

  /** The memory of ranges that nobody closed is used again, and not before nobody sees it. */
  @Test
  void forgottenRanges() throws Exception {
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(10 * CHUNK_MEMORY).withParallelism(0);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      MemorySegment kept = forget(reader, 0, 1).getFirst();
      List<MemorySegment> apart = forget(reader, 10, 40);
      // Whatever of these fits nowhere is apart, until the garbage collector finds it.
      assertThat(reader.chunkMemory()).isGreaterThan(10 * CHUNK_MEMORY);
      for (int i = 0; i < apart.size(); i++) {
        assertRecord(apart.get(i), (10 + i) * PER_CHUNK);
      }
      apart.clear();
      assertThat(GarbageCollection.leadsTo(() -> reader.chunkMemory() <= 10 * CHUNK_MEMORY))
          .isTrue();
      for (int i = 0; i < RECORDS; i += PER_CHUNK / 2) {
        assertThat(reader.get(i)).isEqualTo(record(i));
      }
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(10 * CHUNK_MEMORY);
      assertRecord(kept, 0);
    }
  }

  private static List<MemorySegment> forget(RandomAccessReader reader, int from, int to)
      throws IOException {
    List<MemorySegment> first = new ArrayList<>();
    for (int chunk = from; chunk < to; chunk++) {
      long begin = (long) chunk * PER_CHUNK;
      first.add(reader.batch(begin, begin + PER_CHUNK).get(0));
    }
    return first;
  }

  @Test
  void forgottenReaders() throws Exception {
    try (LogCapture log = new LogCapture()) {
      MemorySegment kept = forgetReader(log);
      assertThat(
              GarbageCollection.leadsTo(
                  () -> log.messages("was never closed").size() == 1 && isClosed()))
          .isTrue();
      assertThat(log.messages(file.toString())).hasSize(1);
      for (int i = 0; i < 200; i++) {
        Arena.ofAuto().allocate(30_000).fill((byte) -1);
      }
      assertRecord(kept, 7);
    }
  }

  private boolean isClosed() {
    try {
      return LifetimeAssert.descriptors(file) == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MemorySegment forgetReader(LogCapture log) throws Exception {
    RandomAccessReader reader = RandomAccessReader.open(file);
    reader.getAll(new long[] {1, 2, 300, 5000}, Arena.ofAuto());
    assertThat(log.messages("")).isEmpty();
    return reader.batch(7, 8).get(0);
  }

  @Test
  void closedReadersAreNotReported() throws Exception {
    try (LogCapture log = new LogCapture()) {
      assertThat(GarbageCollection.clears(openAndClose())).isTrue();
      GarbageCollection.run();
      assertThat(log.messages("")).isEmpty();
    }
  }

  private WeakReference<RandomAccessReader> openAndClose() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.get(8)).isEqualTo(record(8));
      reader.batch(7, 8).get(0);
      return new WeakReference<>(reader);
    }
  }

  /** Interrupts are not lost, and end no read. */
  @Test
  void interruptedThreadsRead() throws Exception {
    try (RandomAccessReader reader = RandomAccessReader.open(file);
        Arena arena = Arena.ofConfined()) {
      Thread.currentThread().interrupt();
      try {
        assertRecord(MemorySegment.ofArray(reader.get(5)), 5);
        long[] all = new long[RECORDS];
        Arrays.setAll(all, i -> i);
        List<MemorySegment> records = reader.getAll(all, arena);
        assertThat(records.get(RECORDS - 1).toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(record(RECORDS - 1));
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
      } finally {
        Thread.interrupted();
      }
    }
  }
}

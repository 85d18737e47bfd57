package io.disky;

import static io.disky.testing.NumberedRecords.bytes;
import static io.disky.testing.NumberedRecords.isRecord;
import static io.disky.testing.NumberedRecords.record;
import static io.disky.testing.NumberedRecords.shuffled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small chunks of one record, which {@code get} does not put into a full cache at once. */
@Timeout(120)
class RandomAccessUncachedTest {
  private static final long SEED = 20261130;
  private static final int RECORDS = 300;

  /** Has room for about 20 chunks. */
  private static final long SMALL_CACHE = 2048;

  private static final RandomAccessOptions OPTIONS =
      RandomAccessOptions.defaults().withCacheSize(SMALL_CACHE);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.none(), RECORDS, 1);
  }

  private static byte[] get(RandomAccessReader reader, long index, boolean array)
      throws IOException {
    if (array) {
      return reader.get(index);
    }
    try (Arena arena = Arena.ofConfined()) {
      return bytes(reader.get(index, arena));
    }
  }

  private static void fill(RandomAccessReader reader, boolean array) throws IOException {
    for (int i = 0; i < RECORDS; i++) {
      assertThat(get(reader, i, array)).isEqualTo(record(i));
    }
    assertThat(reader.decodes()).isEqualTo(RECORDS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recordsThatAreReadOnceRemoveNoneFromAFullCache(boolean array) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file, OPTIONS)) {
      fill(reader, array);
      for (int i = 1; i < 10; i++) {
        assertThat(get(reader, i, array)).isEqualTo(record(i));
      }
      assertThat(reader.decodes()).isEqualTo(RECORDS);
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(SMALL_CACHE);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRecordThatIsReadAgainSoonIsPutIntoTheCache(boolean array) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file, OPTIONS)) {
      fill(reader, array);
      for (int i = 0; i < 5; i++) {
        assertThat(get(reader, RECORDS - 1, array)).isEqualTo(record(RECORDS - 1));
      }
      assertThat(reader.decodes()).isEqualTo(RECORDS + 1);
    }
  }

  /** To decompress a chunk a second time takes longer than to put it into the cache. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressedRecordsArePutIntoTheCacheAtOnce(boolean array) throws IOException {
    Path zstd = NumberedRecords.write(directory.resolve("zstd"), Compression.zstd(), RECORDS, 1);
    try (RandomAccessReader reader = RandomAccessReader.open(zstd, OPTIONS)) {
      fill(reader, array);
      int count = 20;
      for (int i = 0; i < count; i++) {
        assertThat(get(reader, 100 + i, array)).isEqualTo(record(100 + i));
        assertThat(get(reader, 100 + i, array)).isEqualTo(record(100 + i));
      }
      // Now and then, one is read without the cache to find out whether it is compressed.
      assertThat(reader.decodes()).isBetween(RECORDS + (long) count, RECORDS + count + 1L);
    }
  }

  private static Stream<WriterOptions> writing() {
    WriterOptions options = WriterOptions.defaults();
    return Stream.of(
        options.withCompression(Compression.none()),
        options.withCompression(Compression.zstd()),
        options.withDialect(Dialect.RIEGELI).withTranspose(true));
  }

  /** Records of all sizes up to one that is too large to be read in this way. */
  @ParameterizedTest
  @MethodSource("writing")
  void recordsAreTheSameWithAndWithoutTheCache(WriterOptions writing) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    byte[][] records = new byte[60][];
    Path other = directory.resolve("other");
    try (RecordWriter writer = RecordWriter.open(other, writing)) {
      for (int i = 0; i < records.length; i++) {
        records[i] = new byte[i * i * i / 3];
        random.nextBytes(records[i]);
        writer.write(records[i]);
        writer.flush();
      }
    }
    for (long cacheSize : new long[] {0, 100, SMALL_CACHE, 1 << 20}) {
      try (RandomAccessReader reader =
          RandomAccessReader.open(other, OPTIONS.withCacheSize(cacheSize))) {
        for (boolean array : new boolean[] {false, true}) {
          for (long index : shuffled(records.length, SEED)) {
            assertThat(get(reader, index, array)).isEqualTo(records[(int) index]);
          }
        }
        assertThat(reader.chunkMemory()).isLessThanOrEqualTo(cacheSize);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachCallChecksTheHash(boolean array) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file, OPTIONS)) {
      fill(reader, array);
      long begin = reader.position(200).chunkBegin();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {-1}), begin + 43);
      }
      for (int i = 0; i < 3; i++) {
        assertThatExceptionOfType(CorruptFileException.class)
            .isThrownBy(() -> get(reader, 200, array))
            .satisfies(e -> assertThat(e.position()).isEqualTo(begin));
        assertThat(get(reader, 201, array)).isEqualTo(record(201));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFileThatIsCutIsAnException(boolean array) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file, OPTIONS)) {
      fill(reader, array);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(file) / 2);
      }
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> get(reader, RECORDS - 2, array));
      assertThat(get(reader, 100, array)).isEqualTo(record(100));
    }
  }

  @Test
  void limitsHold() throws IOException {
    int largest = 50;
    RandomAccessOptions limited =
        OPTIONS
            .withCacheSize(0)
            .withReaderOptions(ReaderOptions.defaults().withMaxRecordSize(largest));
    try (RandomAccessReader reader = RandomAccessReader.open(file, limited)) {
      for (int i = 0; i < RECORDS; i++) {
        int index = i;
        if (record(i).length <= largest) {
          assertThat(reader.get(i)).isEqualTo(record(i));
        } else {
          assertThatExceptionOfType(ChunkTooLargeException.class)
              .isThrownBy(() -> reader.get(index));
        }
      }
    }
  }

  /** An arena that runs code of the test before it allocates in another arena. */
  private record CallingArena(Arena arena, Call call) implements Arena {
    interface Call {
      void run() throws IOException;
    }

    @Override
    public MemorySegment allocate(long size, long alignment) {
      try {
        call.run();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      return arena.allocate(size, alignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {}
  }

  @Test
  void arenasMayReadAndCloseTheReader() throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(file, OPTIONS);
    fill(reader, true);
    try (Arena inner = Arena.ofConfined();
        Arena reading =
            new CallingArena(
                inner,
                () -> {
                  for (int i = 0; i < RECORDS; i += 7) {
                    assertThat(bytes(reader.get(i, inner))).isEqualTo(record(i));
                  }
                });
        Arena throwing =
            new CallingArena(
                inner,
                () -> {
                  throw new IllegalArgumentException("on purpose");
                });
        Arena closing = new CallingArena(inner, reader::close)) {
      assertThat(bytes(reader.get(250, reading))).isEqualTo(record(250));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.get(251, throwing))
          .withMessage("on purpose");
      assertThat(bytes(reader.get(252, closing))).isEqualTo(record(252));
      assertThatIllegalStateException().isThrownBy(() -> reader.get(253, inner));
      assertThat(reader.chunkMemory()).isZero();
      assertThat(LifetimeAssert.descriptors(file)).isZero();
    }
  }

  @Test
  void threadsThatReadWhileAnotherOneCloses() throws Exception {
    for (int round = 0; round < 20; round++) {
      RandomAccessReader reader = RandomAccessReader.open(file, OPTIONS);
      fill(reader, round % 2 == 0);
      AtomicInteger threads = new AtomicInteger();
      AtomicInteger reads = new AtomicInteger();
      List<Throwable> thrown =
          WorkerThreads.race(
              4,
              () -> {
                int number = threads.getAndIncrement();
                SplittableRandom random = new SplittableRandom(SEED + number);
                while (number > 0 || reads.get() < 1000) {
                  int index = random.nextInt(RECORDS);
                  byte[] read = get(reader, index, number % 2 == 0);
                  if (!isRecord(MemorySegment.ofArray(read), index)) {
                    throw new AssertionError("record " + index + " is another one");
                  }
                  reads.incrementAndGet();
                }
                reader.close();
              });
      LifetimeAssert.assertFoundClosed(thrown, 3);
      assertThat(reader.chunkMemory()).isZero();
      assertThat(LifetimeAssert.descriptors(file)).isZero();
    }
  }
}

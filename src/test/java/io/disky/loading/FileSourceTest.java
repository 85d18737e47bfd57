package io.disky.loading;

import static io.disky.loading.SourceFiles.assertRecords;
import static io.disky.loading.SourceFiles.bytes;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.Compression;
import io.disky.CorruptFileException;
import io.disky.Dialect;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.RecordWriter;
import io.disky.SavedIndex;
import io.disky.WriterOptions;
import io.disky.lifetime.LifetimeAssert;
import io.disky.loading.LoadedSource.ChunkHold;
import io.disky.loading.SourceFiles.Shape;
import io.disky.order.ChunkLayout;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as a source: their layout, their records, their memory, and what damage costs. */
class FileSourceTest {
  private static final long SEED = 20261130;
  private static final int RECORDS = Shape.records();
  private static final long LARGE_CACHE = 64L << 20;

  @TempDir private Path directory;

  /** The numbers of the records of a random batch, ascending, some of them several times. */
  private static long[] batch(Random random, int count) {
    long center = random.nextInt(RECORDS);
    int spread = random.nextBoolean() ? RECORDS : 1 + random.nextInt(300);
    return LongStream.generate(() -> Math.floorMod(center + random.nextInt(spread), RECORDS))
        .limit(count)
        .sorted()
        .toArray();
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void readsTheRecordsThatRandomAccessReads(Shape shape) throws IOException {
    List<Path> files = shape.write(directory);
    Random random = new Random(SEED);
    try (RandomAccessReader reader = RandomAccessReader.open(files)) {
      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      for (long cache : new long[] {0, 10_000, LARGE_CACHE}) {
        FileSource source = SourceFiles.open(files, cache);
        for (int round = 0; round < 40; round++) {
          long[] numbers = batch(random, random.nextInt(round < 35 ? 100 : 4_000));
          try (RecordsHold hold = source.read(numbers, numbers.length)) {
            assertRecords(hold, numbers, numbers.length);
            for (int i = 0; i < Math.min(numbers.length, 3); i++) {
              assertThat(bytes(hold, i)).isEqualTo(reader.get(numbers[i]));
            }
          }
        }
        source.close();
        assertThat(source.memory()).isZero();
      }
    }
  }

  @Test
  void readsTheFirstNumbersOfAnArrayThatMayChangeThen() throws IOException {
    FileSource source = SourceFiles.open(Shape.GROUPS_OF_200.write(directory), 0);
    long[] numbers = {0, 0, 7, RECORDS - 1, RECORDS - 1, -5, 100};
    try (RecordsHold hold = source.read(numbers, 5)) {
      long[] before = numbers.clone();
      Arrays.fill(numbers, -1);
      assertRecords(hold, before, 5);
    }
    source.close();
  }

  @Test
  void refusesNumbersThatDoNotAscend() throws IOException {
    FileSource source = SourceFiles.open(Shape.GROUPS_OF_ONE.write(directory), 0);
    for (long[] wrong : new long[][] {{1, 0}, {-1}, {RECORDS}, {0, Long.MAX_VALUE}}) {
      assertThatIllegalArgumentException().isThrownBy(() -> source.read(wrong, wrong.length));
    }
    source.read(new long[] {1, 0}, 1).close();
    source.close();
  }

  /** Several calls at once have memory of their own, and later calls do not change theirs. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void recordsStayUntilTheyAreClosed(Shape shape) throws IOException {
    FileSource source = SourceFiles.open(shape.write(directory), 0);
    Random random = new Random(SEED);
    List<long[]> numbers = new ArrayList<>();
    List<RecordsHold> holds = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      numbers.add(batch(random, 200));
      holds.add(source.read(numbers.get(i), 200));
      if (i % 3 == 2) {
        holds.remove(i / 3).close();
        numbers.remove(i / 3);
        numbers.add(i / 3, batch(random, 10));
        holds.add(i / 3, source.read(numbers.get(i / 3), 10));
      }
    }
    for (int i = 0; i < holds.size(); i++) {
      assertRecords(holds.get(i), numbers.get(i), Math.min(numbers.get(i).length, 200));
    }
    holds.forEach(RecordsHold::close);
    holds.forEach(RecordsHold::close); // A second time does nothing.
    source.close();
    assertThat(source.memory()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void theLayoutIsThatOfTheFiles(Shape shape) throws IOException {
    List<Path> files = shape.write(directory);
    FileSource source = SourceFiles.open(files, 0);
    ChunkLayout layout = source.layout();
    assertThat(layout.records()).isEqualTo(RECORDS);
    assertThat(layout.firstRecord(layout.chunks())).isEqualTo(RECORDS);
    long decoded = 0;
    try (RandomAccessReader reader = RandomAccessReader.open(files)) {
      for (long chunk = 0; chunk < layout.chunks(); chunk++) {
        long first = layout.firstRecord(chunk);
        long end = layout.firstRecord(chunk + 1);
        assertThat(first).isLessThan(end);
        assertThat(reader.position(first).recordIndex()).isZero();
        assertThat(reader.position(end - 1).recordIndex()).isEqualTo(end - 1 - first);
        assertThat(layout.chunkOf(first)).isEqualTo(chunk);
        assertThat(layout.chunkOf(end - 1)).isEqualTo(chunk);
        assertThat(layout.bytes(chunk)).isPositive();
        decoded += layout.bytes(chunk);
      }
    }
    long bytes = LongStream.range(0, RECORDS).map(i -> record((int) i).length).sum();
    assertThat(decoded).isBetween((bytes + 8L * RECORDS) / 10 * 9, (bytes + 8L * RECORDS) * 2);
    assertThat(source.meanRecordSize()).isBetween(bytes / RECORDS / 2, 2 * bytes / RECORDS);
    source.close();
  }

  /** The order of a window depends on these numbers, so it must not depend on the index. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void everyIndexHasTheSameLayout(Shape shape) throws IOException {
    List<Path> files = shape.write(directory);
    RandomAccessOptions options = RandomAccessOptions.defaults();
    List<String> layouts = new ArrayList<>();
    for (RandomAccessOptions each :
        List.of(
            options,
            options.withFooter(false).withSavedIndex(SavedIndex.IGNORE),
            options.withFooter(false).withSavedIndex(SavedIndex.LOAD_OR_SAVE),
            options.withFooter(false).withSavedIndex(SavedIndex.LOAD))) {
      FileSource source = SourceFiles.open(files, each);
      ChunkLayout layout = source.layout();
      layouts.add(
          LongStream.range(0, layout.chunks())
                  .mapToObj(chunk -> layout.firstRecord(chunk) + ":" + layout.bytes(chunk))
                  .toList()
              + " "
              + source.meanRecordSize());
      source.close();
    }
    assertThat(layouts).containsOnly(layouts.getFirst());
  }

  @Test
  void filesWithoutRecordsAreASourceWithoutRecords() throws IOException {
    Path file = directory.resolve("none");
    Shape.GROUPS_OF_ONE.write(file, 0, 0);
    FileSource source = SourceFiles.open(List.of(file, file), 0);
    assertThat(source.layout().records()).isZero();
    assertThat(source.layout().chunks()).isZero();
    assertThat(source.layout().firstRecord(0)).isZero();
    assertThat(source.meanRecordSize()).isEqualTo(1);
    source.read(new long[0], 0).close();
    source.close();
  }

  @Test
  void theIdentityIsOfNamesSizesAndCounts() throws IOException {
    List<Path> files = Shape.GROUPS_OF_200.write(directory);
    byte[] identity = identity(files);
    assertThat(identity(files)).isEqualTo(identity);

    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    List<Path> moved = new ArrayList<>();
    for (Path file : files) {
      moved.add(Files.copy(file, elsewhere.resolve(file.getFileName())));
    }
    assertThat(identity(moved)).isEqualTo(identity);
    assertThat(identity(files.reversed())).isNotEqualTo(identity);
    assertThat(identity(files.subList(0, files.size() - 1))).isNotEqualTo(identity);

    Files.move(moved.get(1), elsewhere.resolve("renamed"));
    moved.set(1, elsewhere.resolve("renamed"));
    assertThat(identity(moved)).isNotEqualTo(identity);
  }

  private static byte[] identity(List<Path> files) throws IOException {
    FileSource source = SourceFiles.open(files, 0);
    byte[] identity = source.identity();
    source.close();
    return identity;
  }

  /** A chunk is decoded once for everyone while somebody holds it. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void heldChunksAreDecodedOnce(Shape shape) throws IOException {
    FileSource source = SourceFiles.open(shape.write(directory), 0);
    ChunkLayout layout = source.layout();
    long chunk = layout.chunks() / 2;
    ChunkHold first = source.hold(chunk);
    ChunkHold second = source.hold(chunk);
    assertThat(first.bytes()).isPositive();
    assertThat(source.decodes()).isEqualTo(1);
    long[] numbers =
        LongStream.range(layout.firstRecord(chunk), layout.firstRecord(chunk + 1)).toArray();
    try (RecordsHold hold = source.read(numbers, numbers.length)) {
      assertRecords(hold, numbers, numbers.length);
      assertThat(source.decodes()).isEqualTo(1);
      first.close();
      first.close();
      second.close();
      // The records keep the chunk, whose memory others would use otherwise.
      for (long other = 0; other < layout.chunks(); other += 7) {
        source.hold(other).close();
      }
      assertRecords(hold, numbers, numbers.length);
    }
    source.close();
    assertThat(source.memory()).isZero();
  }

  /** Windows of held chunks, as a loader holds them, take no more memory than their chunks. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void windowsTakeTheMemoryOfTheirChunks(Shape shape) throws IOException {
    FileSource source = SourceFiles.open(shape.write(directory), 0);
    ChunkLayout layout = source.layout();
    int window = (int) Math.min(5, layout.chunks());
    List<ChunkHold> held = new ArrayList<>();
    long most = 0;
    for (int round = 0; round < 3; round++) {
      for (long chunk = 0; chunk < layout.chunks(); chunk++) {
        held.add(source.hold(chunk));
        most = Math.max(most, held.stream().mapToLong(ChunkHold::bytes).sum());
        assertThat(source.memory()).isLessThanOrEqualTo(most);
        if (held.size() == window) {
          held.removeFirst().close();
        }
      }
    }
    assertThat(source.decodes()).isEqualTo(3 * layout.chunks());
    held.forEach(ChunkHold::close);
    assertThat(source.memory()).isPositive();
    source.close();
    assertThat(source.memory()).isZero();
  }

  @Test
  void holdsThatOutliveTheSourceFreeTheirMemory() throws IOException {
    FileSource source = SourceFiles.open(Shape.GROUPS_OF_200.write(directory), 0);
    ChunkHold chunk = source.hold(1);
    RecordsHold records = source.read(new long[] {1, 2, 900}, 3);
    source.close();
    assertRecords(records, new long[] {1, 2, 900}, 3);
    chunk.close();
    records.close();
    assertThat(source.memory()).isZero();
  }

  /** With a cache for all chunks, each is decoded once; a hold of it takes nothing. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void aCacheForAllChunksDecodesThemOnce(Shape shape) throws IOException {
    FileSource source = SourceFiles.open(shape.write(directory), LARGE_CACHE);
    long[] all = LongStream.range(0, RECORDS).toArray();
    for (int round = 0; round < 3; round++) {
      try (ChunkHold hold = source.hold(0);
          RecordsHold records = source.read(all, RECORDS)) {
        assertThat(hold.bytes()).isZero();
        assertRecords(records, all, RECORDS);
      }
    }
    assertThat(source.decodes()).isEqualTo(source.layout().chunks());
    source.close();
    assertThat(source.memory()).isZero();
  }

  /** Readers, holders and a window that moves on, all at once. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void manyThreadsAtOnce(Shape shape) throws Exception {
    FileSource source = SourceFiles.open(shape.write(directory), 0);
    AtomicInteger next = new AtomicInteger();
    long chunks = source.layout().chunks();
    List<Throwable> thrown =
        WorkerThreads.race(
            6,
            () -> {
              Random random = new Random(SEED + next.incrementAndGet());
              for (int round = 0; round < 60; round++) {
                long[] numbers = batch(random, 50);
                try (ChunkHold _ = source.hold(source.layout().chunkOf(numbers[25]));
                    ChunkHold _ = source.hold((round + random.nextInt(3)) % chunks);
                    RecordsHold records = source.read(numbers, 50)) {
                  assertRecords(records, numbers, 50);
                }
              }
            });
    assertThat(thrown).isEmpty();
    source.close();
    assertThat(source.memory()).isZero();
  }

  /** Damage in the header, and in the data. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void aDamagedChunkCostsItsRecords(Shape shape) throws IOException {
    for (int at : new int[] {17, 41}) {
      for (long cache : new long[] {0, LARGE_CACHE}) {
        List<Path> files = shape.write(Files.createTempDirectory(directory, "damaged"));
        FileSource source = SourceFiles.open(files, cache);
        ChunkLayout layout = source.layout();
        long bad = layout.chunkOf(RECORDS / 4);
        long begin;
        try (RandomAccessReader reader = RandomAccessReader.open(files)) {
          begin = reader.position(RECORDS / 4).chunkBegin();
        }
        byte[] content = Files.readAllBytes(files.get(1));
        content[(int) begin + at] ^= 4;
        Files.write(files.get(1), content);

        assertOneChunkFails(source, bad, begin);
        try (ChunkHold hold = source.hold(bad)) {
          assertThat(hold.bytes()).isZero();
          assertOneChunkFails(source, bad, begin);
        }
        assertOneChunkFails(source, bad, begin);
        source.close();
        assertThat(source.memory()).isZero();
      }
    }
  }

  private static void assertOneChunkFails(FileSource source, long bad, long begin)
      throws IOException {
    long[] all = LongStream.range(0, RECORDS).toArray();
    try (RecordsHold hold = source.read(all, RECORDS)) {
      for (int i = 0; i < RECORDS; i++) {
        if (source.layout().chunkOf(i) == bad) {
          assertThat(hold.failure(i))
              .isInstanceOfSatisfying(
                  CorruptFileException.class, e -> assertThat(e.position()).isEqualTo(begin));
          assertThat(hold.size(i)).isZero();
          assertThat(hold.part(i).byteSize()).isZero();
        } else {
          assertThat(bytes(hold, i)).isEqualTo(record(i));
        }
      }
    }
  }

  /** The objects of a read with failures are used again for reads without. */
  @Test
  void failuresDoNotStay() throws IOException {
    List<Path> files = Shape.GROUPS_OF_ONE.write(directory);
    FileSource source = SourceFiles.open(files, 0);
    byte[] intact = Files.readAllBytes(files.get(1));
    long begin;
    try (RandomAccessReader reader = RandomAccessReader.open(files)) {
      begin = reader.position(3).chunkBegin();
    }
    byte[] damaged = intact.clone();
    damaged[(int) begin + 41] ^= 4;
    long[] numbers = {2, 3, 4};
    for (int round = 0; round < 3; round++) {
      Files.write(files.get(1), damaged);
      try (RecordsHold hold = source.read(numbers, 3)) {
        assertThat(hold.failure(0)).isNull();
        assertThat(hold.failure(1)).isInstanceOf(CorruptFileException.class);
      }
      Files.write(files.get(1), intact);
      try (RecordsHold hold = source.read(numbers, 3)) {
        assertRecords(hold, numbers, 3);
      }
    }
    source.close();
  }

  /** A failure that is not the contents of a chunk ends the call, and leaves nothing behind. */
  @ParameterizedTest
  @ValueSource(longs = {0, LARGE_CACHE})
  void otherFailuresThrow(long cache) throws IOException {
    List<Path> files = Shape.GROUPS_OF_200.write(directory);
    FileSource source = SourceFiles.open(files, cache);
    source.close();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> source.read(new long[] {1, 900}, 2));
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> source.hold(0));
    assertThat(source.memory()).isZero();
    for (Path file : files) {
      assertThat(LifetimeAssert.descriptors(file)).isZero();
    }
  }

  /**
   * Single records of chunks of a megabyte: their memory is that of the records and of a few
   * chunks, not of all chunks.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void singleRecordsOfLargeChunksTakeLittleMemory(boolean transpose) throws IOException {
    Path file = directory.resolve("large");
    WriterOptions options =
        transpose
            ? WriterOptions.defaults()
                .withDialect(Dialect.RIEGELI)
                .withTranspose(true)
                .withCompression(Compression.none())
            : WriterOptions.defaults().withCompression(Compression.none());
    int count = 60_000;
    Random random = new Random(SEED);
    byte[] record = new byte[1_000];
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < count; i++) {
        random.nextBytes(record);
        record[0] = (byte) i;
        record[1] = (byte) (i >> 8);
        writer.write(record);
      }
    }
    FileSource source = SourceFiles.open(List.of(file), 0);
    long[] numbers = LongStream.range(0, 300).map(i -> i * 200).toArray();
    try (RecordsHold hold = source.read(numbers, numbers.length)) {
      for (int i = 0; i < numbers.length; i++) {
        byte[] found = bytes(hold, i);
        assertThat(found).hasSize(1_000);
        assertThat(found[0]).isEqualTo((byte) numbers[i]);
        assertThat(found[1]).isEqualTo((byte) (numbers[i] >> 8));
      }
      assertThat(source.memory()).isLessThan(20 << 20);
    }
    assertThat(source.decodes()).isEqualTo(source.layout().chunks());
    source.close();
    assertThat(source.memory()).isZero();
  }

  /** All records of chunks that together are larger than what one call of the engine reads. */
  @Test
  void requestsOfManyMegabytes() throws IOException {
    Path file = directory.resolve("large");
    byte[] record = new byte[100_000];
    int count = 700;
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withCompression(Compression.none()))) {
      for (int i = 0; i < count; i++) {
        Arrays.fill(record, (byte) i);
        writer.write(record);
      }
    }
    FileSource source = SourceFiles.open(List.of(file), 0);
    long[] numbers = LongStream.range(0, count).toArray();
    for (int round = 0; round < 2; round++) {
      try (RecordsHold hold = source.read(numbers, count)) {
        for (int i = 0; i < count; i++) {
          byte[] found = bytes(hold, i);
          assertThat(found).hasSize(100_000);
          assertThat(found[0]).isEqualTo((byte) i);
          assertThat(found[99_999]).isEqualTo((byte) i);
        }
        assertThat(source.memory()).isLessThan(4L * 100_000 * count + (16 << 20));
      }
      assertThat(source.memory()).isLessThan(32 << 20);
    }
    source.close();
    assertThat(source.memory()).isZero();
  }
}

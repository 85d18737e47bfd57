package io.disky;

import static io.disky.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.oracle.BlockLayout;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records by their number: the same as by reading in order. */
class RandomAccessReaderTest {
  private static final long SEED = 20261122;
  private static final int CHUNKS = 40;
  private static final int PER_CHUNK = 25;
  private static final int RECORDS = CHUNKS * PER_CHUNK;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  static List<GoldenManifest.Entry> golden() {
    return GoldenManifest.all();
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  private static long[] shuffled(long count, long seed) {
    List<Long> numbers = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, new Random(seed));
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  @ParameterizedTest
  @MethodSource("golden")
  void recordsOfGoldenFilesAreThoseReadInOrder(GoldenManifest.Entry entry) throws IOException {
    List<byte[]> expected = new ArrayList<>();
    for (Path part : entry.files()) {
      try (RecordReader reader = RecordReader.open(part)) {
        reader.visit(record -> expected.add(bytes(record)));
      }
    }
    for (boolean footer : new boolean[] {true, false}) {
      RandomAccessOptions options = RandomAccessOptions.defaults().withFooter(footer);
      try (RandomAccessReader reader = RandomAccessReader.open(entry.files(), options)) {
        assertThat(reader.size()).isEqualTo(entry.records());
        assertRecords(reader, expected, entry.files());
      }
    }
  }

  private static void assertRecords(
      RandomAccessReader reader, List<byte[]> expected, List<Path> files) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < expected.size(); i++) {
        assertThat(reader.get(i)).as("record %s", i).isEqualTo(expected.get(i));
      }
      long[] indices = shuffled(expected.size(), SEED);
      List<MemorySegment> all = reader.getAll(indices, arena);
      assertThat(all).hasSize(indices.length);
      for (int i = 0; i < indices.length; i++) {
        assertThat(bytes(all.get(i))).isEqualTo(expected.get((int) indices[i]));
      }
      List<Long> visited = new ArrayList<>();
      reader.visitAll(
          indices,
          (index, record) -> {
            visited.add(index);
            assertThat(bytes(record)).isEqualTo(expected.get((int) index));
          });
      assertThat(visited).hasSize(indices.length).isSorted().doesNotHaveDuplicates();
      try (RecordRange range = reader.batch(0, expected.size())) {
        for (int i = 0; i < expected.size(); i++) {
          assertThat(bytes(range.get(i))).isEqualTo(expected.get(i));
        }
      }
    }
    assertPositions(reader, files);
  }

  private static void assertPositions(RandomAccessReader reader, List<Path> files)
      throws IOException {
    long number = 0;
    for (int file = 0; file < files.size(); file++) {
      try (RecordReader inOrder = RecordReader.open(files.get(file))) {
        for (RecordBatch batch = inOrder.nextBatch(); batch != null; batch = inOrder.nextBatch()) {
          for (int i = 0; i < batch.count(); i++) {
            assertThat(reader.position(number)).isEqualTo(batch.position(i));
            assertThat(reader.index(file, batch.position(i))).isEqualTo(number);
            assertThat(reader.path(number)).isEqualTo(files.get(file));
            number++;
          }
          batch.close();
        }
      }
    }
    assertThat(number).isEqualTo(reader.size());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100, 3000, 20_000, 1 << 30})
  void cachesOfAnySizeGiveTheSame(long cacheSize) throws IOException {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(cacheSize);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options);
        Arena arena = Arena.ofConfined()) {
      for (long index : shuffled(RECORDS, SEED)) {
        assertThat(reader.get(index)).isEqualTo(record((int) index));
        assertThat(bytes(reader.get(index, arena))).isEqualTo(record((int) index));
      }
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(cacheSize);
    }
  }

  @Test
  void chunksThatAreCachedAreDecodedOnce() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      for (int round = 0; round < 3; round++) {
        for (long index : shuffled(RECORDS, SEED + round)) {
          assertThat(reader.get(index)).isEqualTo(record((int) index));
        }
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
    }
  }

  /** What is wanted often stays, what was wanted once makes room. */
  @Test
  void chunksThatAreUsedOutliveThoseThatAreNot() throws IOException {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(8 * 2048);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      for (int chunk = 1; chunk < CHUNKS; chunk++) {
        assertThat(reader.get(0)).isEqualTo(record(0));
        int number = chunk * PER_CHUNK;
        assertThat(reader.get(number)).isEqualTo(record(number));
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
      // The others were not all kept.
      assertThat(reader.get(PER_CHUNK)).isEqualTo(record(PER_CHUNK));
      assertThat(reader.decodes()).isEqualTo(CHUNKS + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void scatteredReadsDecodeEachChunkOnce(int parallelism) throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(0).withParallelism(parallelism);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options);
        Arena arena = Arena.ofConfined()) {
      long[] indices = shuffled(RECORDS, SEED);
      List<MemorySegment> records = reader.getAll(indices, arena);
      for (int i = 0; i < indices.length; i++) {
        assertThat(bytes(records.get(i))).isEqualTo(record((int) indices[i]));
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
      assertThat(reader.chunkMemory()).isZero();
    }
  }

  /** Chunks of a megabyte are runs of their own, so that several are under way. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void scatteredReadsOfLargeChunks(int parallelism) throws IOException {
    Path large = directory.resolve("large");
    Random random = new Random(SEED);
    byte[][] records = new byte[60][300_000];
    try (RecordWriter writer =
        RecordWriter.open(large, WriterOptions.defaults().withCompression(Compression.none()))) {
      for (byte[] record : records) {
        random.nextBytes(record);
        writer.write(record);
      }
    }
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(3 << 20).withParallelism(parallelism);
    try (RandomAccessReader reader = RandomAccessReader.open(large, options);
        Arena arena = Arena.ofConfined()) {
      long[] indices = shuffled(60, SEED);
      List<MemorySegment> copies = reader.getAll(indices, arena);
      for (int i = 0; i < indices.length; i++) {
        assertThat(bytes(copies.get(i))).isEqualTo(records[(int) indices[i]]);
      }
      assertThat(reader.decodes()).isEqualTo(20);
      // A visitor that throws leaves nothing pinned.
      assertThatThrownBy(() ->
              reader.visitAll(
                  indices,
                  (index, _) -> {
                    if (index == 20) {
                      throw new InterruptedException("enough");
                    }
                  }))
          .isInstanceOf(InterruptedException.class);
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(3 << 20);
      for (int i = 0; i < 60; i++) {
        assertThat(reader.get(i)).isEqualTo(records[i]);
      }
    }
    assertThat(threads("disky-random-access-")).isEmpty();
  }

  private static List<String> threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }

  /**
   * What is decoded ahead is bounded by what it takes in memory, not by what it takes in a file.
   */
  @ParameterizedTest
  @CsvSource({"1, 12", "4, 32", "64, 80"})
  void scatteredReadsOfWhatIsMuchLargerInMemory(int parallelism, long mostMebibytes)
      throws IOException {
    Path zeros = directory.resolve("zeros");
    writeZeros(zeros, 0, 300);
    assertThat(mostMemory(zeros, parallelism)).isLessThanOrEqualTo(mostMebibytes << 20);
  }

  /** The mean of all chunks says little about these. */
  @Test
  void scatteredReadsOfChunksThatAreLargerThanMost() throws IOException {
    Path zeros = directory.resolve("zeros");
    writeZeros(zeros, 10_000, 100);
    assertThat(mostMemory(zeros, 1)).isLessThanOrEqualTo(40 << 20);
  }

  private static void writeZeros(Path to, int small, int large) throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.zstd()).withChunkSize(1 << 20);
    byte[] zeros = new byte[(1 << 20) - 100];
    try (RecordWriter writer = RecordWriter.open(to, options)) {
      for (int i = 0; i < small + large; i++) {
        writer.write(i < small ? new byte[10] : zeros);
        writer.flush();
      }
    }
  }

  /** How much memory chunks have at most while all records are visited. */
  private static long mostMemory(Path path, int parallelism) throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(0).withParallelism(parallelism);
    long[] most = {0, 0};
    try (RandomAccessReader reader = RandomAccessReader.open(path, options)) {
      long[] all = new long[(int) reader.size()];
      Arrays.setAll(all, i -> i);
      reader.visitAll(
          all,
          (index, record) -> {
            if (record.byteSize() > 10) {
              // Others get as far ahead as they may.
              Thread.sleep(5);
            }
            most[0] = Math.max(most[0], reader.chunkMemory());
            most[1]++;
          });
      assertThat(most[1]).isEqualTo(reader.size());
      assertThat(reader.chunkMemory()).isZero();
      assertThat(reader.decodes()).isEqualTo(reader.size());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return most[0];
  }

  @Test
  void numbersMayRepeat() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file);
        Arena arena = Arena.ofConfined()) {
      long[] indices = {7, 999, 7, 0, 0};
      List<MemorySegment> records = reader.getAll(indices, arena);
      for (int i = 0; i < indices.length; i++) {
        assertThat(bytes(records.get(i))).isEqualTo(record((int) indices[i]));
      }
      List<Long> visited = new ArrayList<>();
      reader.visitAll(indices, (index, _) -> visited.add(index));
      assertThat(visited).containsExactly(0L, 0L, 7L, 7L, 999L);
      assertThat(indices).containsExactly(7, 999, 7, 0, 0);
      assertThat(reader.getAll(new long[0], arena)).isEmpty();
      assertThat(reader.decodes()).isEqualTo(2);
    }
  }

  @Test
  void numbersThatAreNotThere() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file);
        Arena arena = Arena.ofConfined()) {
      for (long index : new long[] {-1, RECORDS, Long.MAX_VALUE, Long.MIN_VALUE}) {
        long[] one = {3, index};
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> reader.get(index));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> reader.get(index, arena));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> reader.getAll(one, arena));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> reader.visitAll(one, (_, _) -> {}));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> reader.position(index));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> reader.path(index));
      }
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> reader.batch(2, 1));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> reader.batch(0, RECORDS + 1));
      assertThat(reader.decodes()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1000,1000", "0,1", "24,26", "25,50", "3,990", "999,1000", "0,1000"})
  void ranges(long from, long to) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file);
        RecordRange range = reader.batch(from, to)) {
      assertThat(range.first()).isEqualTo(from);
      assertThat(range.count()).isEqualTo((int) (to - from));
      int number = (int) from;
      for (MemorySegment record : range) {
        assertThat(record.isReadOnly()).isTrue();
        assertThat(bytes(record)).isEqualTo(record(number++));
      }
      assertThat(range.stream().count()).isEqualTo(to - from);
      for (long index : shuffled(to - from, SEED)) {
        assertThat(bytes(range.get((int) index))).isEqualTo(record((int) (from + index)));
      }
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> range.get((int) (to - from)));
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> range.get(-1));
    }
  }

  @Test
  void shardsAreOneSequence() throws IOException {
    List<Path> shards = new ArrayList<>();
    int number = 0;
    for (int count : new int[] {0, 30, 0, 0, 7, 100, 0}) {
      Path shard = directory.resolve("shard_" + shards.size());
      try (RecordWriter writer = RecordWriter.open(shard)) {
        for (int i = 0; i < count; i++) {
          writer.write(record(number++));
          if (i % 10 == 9) {
            writer.flush();
          }
        }
      }
      shards.add(shard);
    }
    try (RandomAccessReader reader = RandomAccessReader.open(shards)) {
      assertThat(reader.paths()).isEqualTo(shards);
      assertThat(reader.size()).isEqualTo(137);
      for (long index : shuffled(137, SEED)) {
        assertThat(reader.get(index)).isEqualTo(record((int) index));
        int shard = index < 30 ? 1 : index < 37 ? 4 : 5;
        assertThat(reader.path(index)).isEqualTo(shards.get(shard));
        assertThat(reader.index(shard, reader.position(index))).isEqualTo(index);
      }
      try (RecordRange all = reader.batch(0, 137)) {
        for (int i = 0; i < 137; i++) {
          assertThat(bytes(all.get(i))).isEqualTo(record(i));
        }
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.index(1, new RecordPosition(64, 10)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.index(1, new RecordPosition(65, 0)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.index(0, new RecordPosition(0, 0)));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> reader.index(7, new RecordPosition(64, 0)));
    }
  }

  @Test
  void filesWithoutRecords() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    Path signature = directory.resolve("signature");
    RecordWriter.open(signature).close();
    Path array = directory.resolve("array");
    RecordWriter.open(array, WriterOptions.defaults().withContainer(Container.ARRAY_RECORD))
        .close();
    for (Path without : List.of(empty, signature, array)) {
      try (RandomAccessReader reader = RandomAccessReader.open(without)) {
        assertThat(reader.size()).isZero();
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> reader.get(0));
        reader.batch(0, 0).close();
      }
    }
  }

  @Test
  void copiesBelongToTheirArena() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy;
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        copy = reader.get(42, arena);
        // What is written there is nobody else's.
        copy.fill((byte) 1);
        assertThat(reader.get(42)).isEqualTo(record(42));
      }
      assertThat(copy.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
    }
  }

  @Test
  void afterClosing() throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(file);
    RecordRange range = reader.batch(0, 30);
    assertThat(reader.isOpen()).isTrue();
    reader.close();
    reader.close();

    assertThat(reader.isOpen()).isFalse();
    assertThat(LifetimeAssert.descriptors(file)).isZero();
    assertThatIllegalStateException().isThrownBy(() -> reader.get(0)).withMessageContaining("file");
    assertThatIllegalStateException().isThrownBy(() -> reader.get(0, Arena.ofAuto()));
    assertThatIllegalStateException().isThrownBy(() -> reader.batch(0, 1));
    assertThatIllegalStateException()
        .isThrownBy(() -> reader.getAll(new long[] {1}, Arena.ofAuto()));
    assertThatIllegalStateException()
        .isThrownBy(() -> reader.visitAll(new long[] {1}, (_, _) -> {}));
    assertThatIllegalStateException().isThrownBy(() -> reader.position(0));
    assertThatIllegalStateException().isThrownBy(() -> reader.path(0));
    assertThatIllegalStateException().isThrownBy(() -> reader.index(0, new RecordPosition(64, 0)));
    assertThatIllegalStateException().isThrownBy(reader::saveIndex);
    assertThat(reader.size()).isEqualTo(RECORDS);

    for (int i = 0; i < 30; i++) {
      assertThat(bytes(range.get(i))).isEqualTo(record(i));
    }
    MemorySegment held = range.get(29);
    range.close();
    range.close();
    LifetimeAssert.assertEnded(held);
    assertThatIllegalStateException().isThrownBy(() -> range.get(0).get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void closingInAVisit() throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(file);
    List<MemorySegment> seen = new ArrayList<>();
    assertThatIllegalStateException()
        .isThrownBy(() ->
            reader.visitAll(
                shuffled(RECORDS, SEED),
                (_, record) -> {
                  seen.add(record);
                  reader.close();
                }));
    assertThat(seen).hasSize(1);
    LifetimeAssert.assertEnded(seen.getFirst());
  }

  @Test
  void recordsOfAVisitEndWithTheirChunk() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      List<MemorySegment> seen = new ArrayList<>();
      reader.visitAll(new long[] {1, 500}, (_, record) -> seen.add(record));
      seen.forEach(LifetimeAssert::assertEnded);
    }
  }

  @Test
  void optionsThatAreRefused() {
    ReaderOptions reading = ReaderOptions.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> openWith(reading.withCorruptionStrategy(CorruptionStrategy.RECOVER)))
        .withMessageContaining("numbers of the records");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> openWith(reading.withFollow(true)))
        .withMessageContaining("open it again");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> openWith(reading.withRange(0, 100)))
        .withMessageContaining("range");
    assertThatIllegalArgumentException().isThrownBy(() -> RandomAccessReader.open(List.of()));
  }

  private void openWith(ReaderOptions options) throws IOException {
    RandomAccessReader.open(file, RandomAccessOptions.defaults().withReaderOptions(options))
        .close();
  }

  @Test
  void limitsHold() throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withReaderOptions(ReaderOptions.defaults().withMaxRecordsPerChunk(PER_CHUNK - 1));
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      assertThatExceptionOfType(ChunkTooLargeException.class).isThrownBy(() -> reader.get(3));
    }
  }

  @Test
  void filesThatAreNotThere() throws IOException {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(directory.resolve("none")));
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(List.of(file, directory.resolve("none"))));
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  /** A chunk that is damaged costs its records, and each who asks for them learns why. */
  @Test
  void damageIsOfItsChunk() throws IOException {
    Path damaged = directory.resolve("damaged");
    byte[] content = Files.readAllBytes(file);
    long begin;
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      begin = reader.position(300).chunkBegin();
    }
    content[(int) begin + 45] ^= 1;
    Files.write(damaged, content);
    try (RandomAccessReader reader = RandomAccessReader.open(damaged);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < RECORDS; i++) {
        int index = i;
        if (i / PER_CHUNK == 300 / PER_CHUNK) {
          assertThatExceptionOfType(CorruptFileException.class)
              .isThrownBy(() -> reader.get(index))
              .satisfies(e -> assertThat(e.position()).isEqualTo(begin));
        } else {
          assertThat(reader.get(i)).isEqualTo(record(i));
        }
      }
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.getAll(shuffled(RECORDS, SEED), arena));
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.batch(0, RECORDS));
      assertThat(reader.get(0)).isEqualTo(record(0));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {65_536, 100_000, 1 << 20})
  void partsOfTheWalkJoinUp(long minPart) throws IOException {
    Path large = directory.resolve("large");
    Random random = new Random(SEED);
    List<byte[]> records = new ArrayList<>();
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(3000);
    try (RecordWriter writer = RecordWriter.open(large, options)) {
      for (int i = 0; i < 4000; i++) {
        byte[] record = new byte[i % 500 == 77 ? 400_000 : random.nextInt(600)];
        random.nextBytes(record);
        records.add(record);
        writer.write(record);
      }
    }
    RandomAccessOptions reading = RandomAccessOptions.defaults();
    int chunkBegin;
    try (RandomAccessReader reader = RandomAccessReader.open(List.of(large), reading, minPart);
        RandomAccessReader whole =
            RandomAccessReader.open(List.of(large), reading, Long.MAX_VALUE)) {
      assertThat(reader.size()).isEqualTo(4000);
      chunkBegin = (int) reader.position(2500).chunkBegin();
      for (int i = 0; i < 4000; i++) {
        assertThat(reader.position(i)).isEqualTo(whole.position(i));
        assertThat(reader.get(i)).isEqualTo(records.get(i));
      }
    }
    // A walk over chunk headers does not see all block headers, and parts need them only to begin.
    byte[] content = Files.readAllBytes(large);
    for (int block = 65_536; block < content.length; block += 65_536) {
      byte[] damaged = content.clone();
      damaged[block + 3] ^= 1;
      Files.write(large, damaged);
      assertSameOutcome(large, minPart);
    }
    // Chunk headers that are damaged are what one walk says they are.
    content[chunkBegin + 30] ^= 1;
    Files.write(large, content);
    CorruptFileException inParts = failureToOpen(large, minPart);
    CorruptFileException atOnce = failureToOpen(large, Long.MAX_VALUE);
    assertThat(inParts).hasMessage(atOnce.getMessage());
    assertThat(threads("disky-index-")).isEmpty();
  }

  /**
   * A block header within a record says that a chunk begins there, and what is there looks like one
   * that ends where the chunk around it does. Only who comes from the front knows better.
   */
  @Test
  void aPartThatBeginsWithinARecordIsNotBelieved() throws IOException {
    int seam = 2 * BlockLayout.BLOCK_SIZE;
    byte[] record = new byte[150_000];
    // Where the record begins in the file, which is behind the chunk's header and sizes.
    record[0] = 0x5a;
    byte[] plain = embedding(record, seam);
    int begin = 64;
    while (plain[begin] != 0x5a || plain[begin + 1] != 0) {
      begin++;
    }
    int chunkEnd = (int) RecordFileForge.withSignature().simpleChunk(record).position();
    long dataSize = BlockLayout.usableBytes(seam, chunkEnd) - BlockLayout.CHUNK_HEADER_SIZE;
    byte[] chunk =
        new RecordFileForge()
            .raw(new byte[seam])
            .chunk(ForgedChunk.of(ChunkTypes.SIMPLE, new byte[(int) dataSize], 3, 100))
            .bytes();
    int headerBegin = seam + BlockLayout.BLOCK_HEADER_SIZE;
    System.arraycopy(
        chunk,
        headerBegin,
        record,
        (int) BlockLayout.usableBytes(begin, seam),
        BlockLayout.CHUNK_HEADER_SIZE);
    byte[] content = embedding(record, seam);
    // The forged block header, whose hash is right.
    System.arraycopy(chunk, seam, content, seam, BlockLayout.BLOCK_HEADER_SIZE);
    Path forged = directory.resolve("forged");
    Files.write(forged, content);
    try (RecordReader reader = RecordReader.open(forged)) {
      reader.seekToOffset(seam);
      assertThat(reader.position().chunkBegin()).isEqualTo(seam);
    }
    for (long minPart : new long[] {Long.MAX_VALUE, seam}) {
      try (RandomAccessReader reader =
          RandomAccessReader.open(List.of(forged), RandomAccessOptions.defaults(), minPart)) {
        assertThat(reader.size()).isEqualTo(3);
        assertThat(reader.position(1).chunkBegin()).isEqualTo(chunkEnd);
        // Who reads that chunk meets the block header.
        assertThatExceptionOfType(CorruptFileException.class).isThrownBy(() -> reader.get(0));
        assertThat(reader.get(1)).isEqualTo(record(1));
        assertThat(reader.get(2)).isEqualTo(record(2));
      }
    }
  }

  /** A file of two parts of {@code seam} bytes. */
  private static byte[] embedding(byte[] record, int seam) {
    return RecordFileForge.withSignature()
        .simpleChunk(record)
        .simpleChunk(record(1), record(2))
        .padTo(2L * seam)
        .bytes();
  }

  private static void assertSameOutcome(Path path, long minPart) {
    String expected = outcome(path, Long.MAX_VALUE);
    assertThat(outcome(path, minPart)).isEqualTo(expected);
  }

  private static String outcome(Path path, long minPart) {
    try (RandomAccessReader reader =
        RandomAccessReader.open(List.of(path), RandomAccessOptions.defaults(), minPart)) {
      return "records: " + reader.size();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static CorruptFileException failureToOpen(Path path, long minPart) throws IOException {
    try (RandomAccessReader reader =
        RandomAccessReader.open(List.of(path), RandomAccessOptions.defaults(), minPart)) {
      throw new AssertionError(reader);
    } catch (CorruptFileException e) {
      return e;
    }
  }

  @Test
  void interruptEndsTheWalk() throws IOException {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> RandomAccessReader.open(file))
          .isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  @Test
  void truncatedFilesCannotBeIndexed() throws IOException {
    byte[] content = Files.readAllBytes(file);
    Path torn = directory.resolve("torn");
    Files.write(torn, Arrays.copyOf(content, content.length - 10));
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(torn))
        .satisfies(e -> assertThat(e.damage()).isEqualTo(CorruptFileException.Damage.TRUNCATED));
    assertThat(LifetimeAssert.descriptors(torn)).isZero();
  }

  /** A file that becomes shorter while it is open is an exception and no crash. */
  @Test
  void filesThatAreCutMeanwhile() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.get(0)).isEqualTo(record(0));
      try (var channel =
          java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(file) / 2);
      }
      assertThatExceptionOfType(IOException.class).isThrownBy(() -> reader.get(RECORDS - 1));
      assertThat(reader.get(1)).isEqualTo(record(1));
    }
  }
}

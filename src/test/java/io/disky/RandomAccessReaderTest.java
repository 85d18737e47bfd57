package io.disky;

import static io.disky.testing.NumberedRecords.bytes;
import static io.disky.testing.NumberedRecords.record;
import static io.disky.testing.NumberedRecords.shuffled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.lifetime.LifetimeAssert;
import io.disky.oracle.GoldenManifest;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        assertThat(reader.recordCount()).isEqualTo(entry.records());
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
          for (int i = 0; i < batch.recordCount(); i++) {
            assertThat(reader.position(number)).isEqualTo(batch.position(i));
            assertThat(reader.index(file, batch.position(i))).isEqualTo(number);
            assertThat(reader.path(number)).isEqualTo(files.get(file));
            number++;
          }
          batch.close();
        }
      }
    }
    assertThat(number).isEqualTo(reader.recordCount());
  }

  /** With and without a cache, and by one call of the engine for several chunks. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1 << 26})
  void copiesInArenasAreAligned(long cacheSize) throws IOException {
    for (int alignment : new int[] {1, 64, 4096}) {
      RandomAccessOptions options =
          RandomAccessOptions.defaults()
              .withCacheSize(cacheSize)
              .withReaderOptions(ReaderOptions.defaults().withDataAlignment(alignment));
      try (RandomAccessReader reader = RandomAccessReader.open(file, options);
          Arena arena = Arena.ofConfined()) {
        assertThat(reader.get(7, arena).address() % alignment).isZero();
        long[] indices = shuffled(200, SEED);
        List<MemorySegment> records = reader.getAll(indices, arena);
        for (int i = 0; i < indices.length; i++) {
          assertThat(records.get(i).address() % alignment).isZero();
          assertThat(bytes(records.get(i))).isEqualTo(record((int) indices[i]));
        }
      }
    }
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
      assertThat(range.recordCount()).isEqualTo((int) (to - from));
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
  void filesWithoutRecords() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    Path signature = directory.resolve("signature");
    RecordWriter.open(signature).close();
    Path array = directory.resolve("array");
    RecordWriter.open(array, WriterOptions.defaults().withContainer(Container.ARRAY_RECORD))
        .close();
    for (Path without : List.of(empty, signature, array)) {
      try (RandomAccessReader reader = RandomAccessReader.open(without)) {
        assertThat(reader.recordCount()).isZero();
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
    assertThat(reader.recordCount()).isEqualTo(RECORDS);

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
}

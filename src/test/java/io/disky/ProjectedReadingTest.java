package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordShuffle;
import io.disky.loader.RecordShuffleOptions;
import io.disky.loader.RecordSource;
import io.disky.loader.Shuffle;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.SimpleChunkData;
import io.disky.oracle.WireProjection;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fields of a projection are those that an independent projection finds in complete records. */
class ProjectedReadingTest {
  private static final List<FieldProjection> PROJECTIONS =
      Stream.of("1", "2,3", "3.1,2.0", "1.0,2.0,3.0,4.0", "4.2,5.1,5.0")
          .map(FieldProjection::parse)
          .toList();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static ReaderOptions reading(FieldProjection projection) {
    return ReaderOptions.defaults().withFieldProjection(projection);
  }

  private static List<byte[]> read(Path file, ReaderOptions options, ReadingWay way)
      throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, options)) {
      way.read(reader, records::add);
    }
    return records;
  }

  static List<GoldenManifest.Entry> transposedFiles() {
    return GoldenManifest.all().stream().filter(GoldenManifest.Entry::isTransposed).toList();
  }

  // Files of others

  @ParameterizedTest
  @MethodSource("transposedFiles")
  void filesOfOthers(GoldenManifest.Entry golden) throws IOException {
    Path file = golden.location();
    List<byte[]> complete = ReadingWay.NEXT_BATCH.read(file);
    List<FieldProjection> projections = new ArrayList<>(PROJECTIONS);
    projections.add(FieldProjection.none());
    projections.add(FieldProjection.all());
    for (FieldProjection projection : projections) {
      List<byte[]> expected = WireProjection.of(complete, projection);
      SampleRecords.assertSame(read(file, reading(projection), ReadingWay.NEXT_BATCH), expected);
    }
  }

  /** Records really get smaller: the comparison with complete records is not one of equals. */
  @Test
  void aProjectionLeavesFieldsOut() throws IOException {
    Path file = GoldenManifest.entry("riegeli/protos.zstd.transposed.riegeli").location();
    List<byte[]> complete = ReadingWay.NEXT_BATCH.read(file);
    List<byte[]> some = read(file, reading(FieldProjection.parse("1")), ReadingWay.NEXT_BATCH);
    assertThat(bytes(some)).isPositive().isLessThan(bytes(complete) / 2);
    List<byte[]> none = read(file, reading(FieldProjection.none()), ReadingWay.NEXT_BATCH);
    // A few records are not messages, and stay complete.
    assertThat(none).hasSameSizeAs(complete);
    assertThat(none.stream().filter(record -> record.length > 0).count()).isBetween(1L, 50L);
  }

  private static long bytes(List<byte[]> records) {
    return records.stream().mapToLong(record -> record.length).sum();
  }

  // Ways of reading

  private static final FieldProjection SOME = FieldProjection.parse("1,2.0,3.1");

  private static Path protos() {
    return GoldenManifest.entry("riegeli/protos.brotli.transposed.riegeli").location();
  }

  private static List<byte[]> expectedProtos() throws IOException {
    return WireProjection.of(ReadingWay.NEXT_BATCH.read(protos()), SOME);
  }

  /** Many chunks, of different sizes, of messages. */
  private List<byte[]> writeManyChunks() throws IOException {
    List<byte[]> records = new ArrayList<>();
    List<byte[]> protos = ReadingWay.NEXT_BATCH.read(protos());
    for (int i = 0; i < 3; i++) {
      records.addAll(protos);
    }
    WriterOptions options =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withTranspose(true)
            .withChunkSize(20_000);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      int written = 0;
      for (byte[] record : records) {
        writer.write(record);
        if (++written % 777 == 0) {
          writer.flush();
        }
      }
    }
    return WireProjection.of(records, SOME);
  }

  @Test
  void eachWayOfReading() throws IOException {
    List<byte[]> expected = writeManyChunks();
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(read(file, reading(SOME), way), expected);
      SampleRecords.assertSame(read(file, reading(SOME).withParallelism(2), way), expected);
      SampleRecords.assertSame(read(file, reading(SOME).withStrictLifetimes(true), way), expected);
    }
    ReaderOptions recovering = reading(SOME).withCorruptionStrategy(CorruptionStrategy.RECOVER);
    SampleRecords.assertSame(read(file, recovering, ReadingWay.NEXT), expected);
    ReaderOptions aligned = reading(SOME).withDataAlignment(64);
    SampleRecords.assertSame(read(file, aligned, ReadingWay.NEXT_BATCH), expected);
    ReaderOptions oneByOne = reading(SOME).withReadAhead(1);
    SampleRecords.assertSame(read(file, oneByOne, ReadingWay.NEXT_BATCH), expected);
  }

  /** Other threads decode chunks of which few bytes are left. */
  @Test
  void otherThreadsDecodeFewFieldsToo() throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withTranspose(true)
            .withChunkSize(100_000);
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] junk = SampleRecords.random(new Random(i), 10_000);
      junk[0] = -1;
      records.add(
          SimpleChunkData.concatenate(
              List.of(
                  new byte[] {8, (byte) (4 + i % 100), 18},
                  SimpleChunkData.prefixed(junk.length, junk))));
    }
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    FieldProjection small = FieldProjection.parse("1");
    try (RecordReader reader = RecordReader.open(file, reading(small).withParallelism(2))) {
      List<byte[]> found = new ArrayList<>();
      ReadingWay.NEXT.read(reader, found::add);
      SampleRecords.assertSame(found, WireProjection.of(records, small));
      assertThat(found).allMatch(record -> record.length == 2);
      assertThat(reader.decodedAhead()).isPositive();
    }
  }

  @Test
  void memoryChannelsAndStreams() throws IOException {
    List<byte[]> expected = expectedProtos();
    MemorySegment memory = MemorySegment.ofArray(Files.readAllBytes(protos()));
    List<byte[]> found = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(memory, reading(SOME))) {
      ReadingWay.NEXT.read(reader, found::add);
    }
    SampleRecords.assertSame(found, expected);
    found.clear();
    try (RecordReader reader = RecordReader.open(Files.newInputStream(protos()), reading(SOME))) {
      ReadingWay.NEXT.read(reader, found::add);
    }
    SampleRecords.assertSame(found, expected);
  }

  @Test
  void seeking() throws IOException {
    List<byte[]> expected = writeManyChunks();
    try (RecordReader reader = RecordReader.open(file, reading(SOME))) {
      List<RecordPosition> positions = new ArrayList<>();
      for (int i = 0; i < expected.size(); i++) {
        positions.add(reader.position());
        assertThat(copy(reader.next())).isEqualTo(expected.get(i));
      }
      for (int i : new int[] {0, 5000, 777, expected.size() - 1}) {
        reader.seek(positions.get(i));
        assertThat(copy(reader.next())).isEqualTo(expected.get(i));
      }
      reader.seekBack();
      assertThat(copy(reader.next())).isEqualTo(expected.getLast());
    }
  }

  private static byte[] copy(MemorySegment record) {
    return record.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void randomAccessWithTwoProjectionsAtOnce() throws IOException {
    List<byte[]> expected = writeManyChunks();
    List<byte[]> complete = ReadingWay.NEXT_BATCH.read(file);
    RandomAccessOptions options = RandomAccessOptions.defaults().withReaderOptions(reading(SOME));
    for (long cache : new long[] {0, 30_000, 64 << 20}) {
      try (RandomAccessReader projected =
              RandomAccessReader.open(file, options.withCacheSize(cache));
          RandomAccessReader whole = RandomAccessReader.open(file);
          Arena arena = Arena.ofConfined()) {
        long[] indices = new Random(6).longs(2000, 0, expected.size()).toArray();
        List<MemorySegment> all = projected.getAll(indices, arena);
        for (int i = 0; i < indices.length; i++) {
          int index = (int) indices[i];
          assertThat(copy(all.get(i))).isEqualTo(expected.get(index));
          assertThat(projected.get(index)).isEqualTo(expected.get(index));
          assertThat(whole.get(index)).isEqualTo(complete.get(index));
        }
      }
    }
  }

  @Test
  void shardsAndMultiThreadedReading() throws IOException {
    List<byte[]> expected = writeManyChunks();
    Files.copy(file, directory.resolve("records2"));
    MultiThreadedReaderOptions options =
        MultiThreadedReaderOptions.defaults().withParallelism(2).withReaderOptions(reading(SOME));
    Shards shards = Shards.of(List.of(file, directory.resolve("records2")));
    List<byte[]> found = new ArrayList<>();
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      for (MemorySegment record : reader) {
        found.add(copy(record));
      }
    }
    List<byte[]> twice = SampleRecords.concatenate(expected, expected);
    assertThat(sorted(found)).isEqualTo(sorted(twice));
  }

  @Test
  void loadersAndShuffles() throws IOException {
    List<byte[]> expected = writeManyChunks();
    RandomAccessOptions access = RandomAccessOptions.defaults().withReaderOptions(reading(SOME));
    List<byte[]> loaded = new ArrayList<>();
    LoaderOptions options = LoaderOptions.defaults().withShuffle(Shuffle.global()).withWorkers(2);
    try (DataLoader loader = DataLoader.open(RecordSource.files(List.of(file), access), options)) {
      for (LoadedBatch next = loader.next(); next != null; next = loader.next()) {
        try (LoadedBatch batch = next) {
          batch.forEach(record -> loaded.add(copy(record)));
        }
      }
    }
    assertThat(sorted(loaded)).isEqualTo(sorted(expected));
    Path shuffled = directory.resolve("shuffled");
    RecordShuffle.of(
            List.of(file), RecordShuffleOptions.defaults().withReaderOptions(reading(SOME)))
        .write(shuffled);
    assertThat(sorted(ReadingWay.NEXT.read(shuffled))).isEqualTo(sorted(expected));
  }

  private static List<String> sorted(List<byte[]> records) {
    return records.stream().map(Arrays::toString).sorted().toList();
  }

  // Other chunks, other questions

  @Test
  void recordsInOtherChunksAreComplete() throws IOException {
    List<byte[]> records = ReadingWay.NEXT_BATCH.read(protos());
    for (Dialect dialect : Dialect.values()) {
      Files.deleteIfExists(file);
      try (RecordWriter writer =
          RecordWriter.open(file, WriterOptions.defaults().withDialect(dialect))) {
        for (byte[] record : records) {
          writer.write(record);
        }
      }
      SampleRecords.assertSame(read(file, reading(SOME), ReadingWay.NEXT), records);
    }
  }

  @Test
  void metadataCountsAndChecksIgnoreAProjection() throws IOException {
    Path lines = GoldenManifest.entry("riegeli/lines.zstd.transposed.riegeli").location();
    try (RecordReader projected = RecordReader.open(lines, reading(FieldProjection.none()));
        RecordReader whole = RecordReader.open(lines)) {
      assertThat(projected.metadata()).isPresent().isEqualTo(whole.metadata());
      assertThat(projected.recordCount()).isEqualTo(whole.recordCount());
      assertThat(projected.describe().recordSizes()).isEqualTo(whole.describe().recordSizes());
      projected.verify();
    }
  }

  /** {@code verify} finds damage of fields that are not read, and so does reading. */
  @Test
  void damageOfOtherFieldsIsFound() throws IOException {
    byte[] bytes = Files.readAllBytes(protos());
    bytes[20_000] ^= 1;
    Files.write(file, bytes);
    ReaderOptions options = reading(FieldProjection.none());
    try (RecordReader reader = RecordReader.open(file, options)) {
      assertThatThrownBy(reader::verify).isInstanceOf(CorruptFileException.class);
    }
    assertThatThrownBy(() -> read(file, options, ReadingWay.NEXT))
        .isInstanceOf(CorruptFileException.class);
  }

  @Test
  void limitsCountTheFieldsThatAreRead() throws IOException {
    List<byte[]> records = ReadingWay.NEXT_BATCH.read(protos());
    WriterOptions options =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withTranspose(true)
            .withBucketFraction(0.0001);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    // The file has one chunk, whose records have 216,018 bytes.
    ReaderOptions limited = ReaderOptions.defaults().withMaxChunkSize(120_000);
    assertThatThrownBy(() -> read(file, limited, ReadingWay.NEXT))
        .isInstanceOf(ChunkTooLargeException.class);
    FieldProjection one = FieldProjection.parse("1");
    ReaderOptions projected = limited.withFieldProjection(one);
    SampleRecords.assertSame(
        read(file, projected, ReadingWay.NEXT), WireProjection.of(records, one));
    SampleRecords.assertSame(
        read(file, projected.withParallelism(1), ReadingWay.NEXT), WireProjection.of(records, one));
    FieldProjection most = FieldProjection.parse("1,2,3,4,5,6,7,8,9,10");
    assertThatThrownBy(() -> read(file, limited.withFieldProjection(most), ReadingWay.NEXT))
        .isInstanceOf(ChunkTooLargeException.class)
        .hasMessageContaining("120000");
    long largest =
        WireProjection.of(records, one).stream().mapToLong(r -> r.length).max().orElse(0);
    ReaderOptions byRecord = reading(one).withMaxRecordSize(largest);
    assertThat(read(file, byRecord, ReadingWay.NEXT)).hasSize(4000);
    assertThatThrownBy(() -> read(file, byRecord.withMaxRecordSize(largest - 1), ReadingWay.NEXT))
        .isInstanceOf(ChunkTooLargeException.class);
  }

  // Any messages

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 3);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyMessages(long seed) throws IOException {
    Random random = new Random(seed);
    for (WriterOptions layout : TransposedTest.layouts()) {
      List<byte[]> kinds =
          Stream.generate(() -> TransposedTest.anyRecord(random)).limit(40).toList();
      List<byte[]> records = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        records.add(kinds.get(random.nextInt(kinds.size())));
      }
      Files.deleteIfExists(file);
      try (RecordWriter writer = RecordWriter.open(file, layout.withChunkSize(4000))) {
        for (byte[] record : records) {
          writer.write(record);
        }
      }
      for (int i = 0; i < 4; i++) {
        FieldProjection projection = anyProjection(random);
        List<byte[]> found = read(file, reading(projection), ReadingWay.NEXT_BATCH);
        SampleRecords.assertSame(found, WireProjection.of(records, projection));
      }
    }
  }

  private static FieldProjection anyProjection(Random random) {
    FieldProjection projection = FieldProjection.none();
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      int[] path = random.ints(1 + random.nextInt(3), 1, 6).toArray();
      if (random.nextInt(3) == 0) {
        path = Arrays.copyOf(path, path.length + 1);
      }
      projection = projection.withField(path);
    }
    return projection;
  }
}

package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.SimpleChunkData;
import io.disky.oracle.ZstdDialect;
import io.disky.oracle.ZstdFrames;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import io.disky.testing.WritingWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What was written is read back: by the engine, by an independent reader, and by the engine from an
 * independent writer.
 */
class RoundTripTest {
  private static final int BLOCK = 1 << 16;
  private static final int SIGNATURE = 64;

  /** Chunk header, compression type, size of the sizes, and a record size of 3 bytes. */
  private static final int OVERHEAD_OF_ONE_RECORD = 40 + 1 + 1 + 3;

  private static final Set<Compression.Codec> ORACLE_CODECS =
      Set.of(Compression.Codec.NONE, Compression.Codec.ZSTD);

  private static final int[] SIZES_AROUND_BOUNDARIES = {
    0,
    1,
    40,
    126,
    127,
    128,
    129,
    0,
    16_383,
    16_384,
    16_385,
    BLOCK - 64,
    BLOCK - 41,
    BLOCK - 40,
    BLOCK - 25,
    BLOCK - 24,
    BLOCK - 1,
    BLOCK,
    BLOCK + 1,
    BLOCK + 24,
    BLOCK + 25,
    BLOCK + 64,
    1
  };

  @TempDir private Path directory;
  private Path file;
  private final ChunkPlan plan = new ChunkPlan();
  private final List<byte[]> written = new ArrayList<>();
  private boolean oracleReads = true;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  /** Each compression and dialect that the oracle reads, once. */
  static List<WriterOptions> layoutsForOracle() {
    List<WriterOptions> layouts = new ArrayList<>();
    layouts.add(WriterOptions.defaults().withCompression(Compression.none()));
    for (Dialect dialect : Dialect.values()) {
      for (int level : new int[] {-7, 1, 3, 22}) {
        layouts.add(
            WriterOptions.defaults().withDialect(dialect).withCompression(Compression.zstd(level)));
      }
    }
    return layouts;
  }

  /** Each compression and dialect once. */
  static List<WriterOptions> layouts() {
    List<WriterOptions> layouts = new ArrayList<>(layoutsForOracle());
    WriterOptions riegeli = WriterOptions.defaults().withDialect(Dialect.RIEGELI);
    for (int quality : new int[] {0, 6, 11}) {
      layouts.add(riegeli.withCompression(Compression.brotli(quality)));
    }
    layouts.add(riegeli.withCompression(Compression.snappy()));
    return layouts;
  }

  /** Those of {@link #layouts()} that take no long time for megabytes. */
  static Stream<WriterOptions> fastLayouts() {
    Set<Compression> slow = Set.of(Compression.zstd(22), Compression.brotli(11));
    return layouts().stream().filter(options -> !slow.contains(options.compression()));
  }

  /** Always the same seeds, and one more that was never tried. */
  static LongStream seeds() {
    return LongStream.concat(LongStream.rangeClosed(1, 30), LongStream.of(new Random().nextLong()));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void recordsOfSizesAroundBoundaries(WriterOptions layout) throws IOException {
    try (Session session = new Session(layout)) {
      session.write(SampleRecords.ofSizes(SIZES_AROUND_BOUNDARIES));
    }
    assertFile();
  }

  @ParameterizedTest
  @MethodSource("fastLayouts")
  void recordsOfSizesAroundBoundariesInSmallChunks(WriterOptions layout) throws IOException {
    for (long chunkSize : new long[] {1, 8, 1000, BLOCK}) {
      try (Session session = new Session(layout.withChunkSize(chunkSize))) {
        session.write(SampleRecords.ofSizes(SIZES_AROUND_BOUNDARIES));
      }
    }
    assertFile();
  }

  @ParameterizedTest
  @MethodSource("fastLayouts")
  void recordsOfMegabytes(WriterOptions layout) throws IOException {
    int chunk = (int) WriterOptions.DEFAULT_CHUNK_SIZE;
    try (Session session = new Session(layout)) {
      session.write(
          SampleRecords.ofSizes(
              1,
              chunk - 9,
              chunk - 8,
              chunk - 7,
              chunk - 1,
              chunk,
              chunk + 1,
              5,
              5 * chunk + 3,
              0));
    }
    assertFile();
  }

  /** Chunks and their headers end and begin at each offset around a block header. */
  @ParameterizedTest
  @MethodSource("fastLayouts")
  void chunksThatEndAroundABlockHeader(WriterOptions layout) throws IOException {
    int first = BLOCK - SIGNATURE - OVERHEAD_OF_ONE_RECORD - 70;
    for (int size = first; size < first + 140; size += 1) {
      Files.deleteIfExists(file);
      written.clear();
      try (Session session = new Session(layout)) {
        session.write(SampleRecords.random(size));
        session.flush();
        session.write(SampleRecords.random(3));
        session.flush();
        session.write(SampleRecords.random(9));
      }
      if (oracleReads) {
        SampleRecords.assertSame(OracleReader.read(file).records(), written);
      }
      SampleRecords.assertSame(ReadingWay.ITERATION.read(file), written);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 9, 16, 100, 1000, BLOCK, 1 << 20, 3 << 20})
  void chunksCloseBeforeTheRecordThatExceedsTheirSize(long chunkSize) throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(chunkSize);
    int most = (int) chunkSize;
    for (WritingWay way : List.of(WritingWay.ARRAY, WritingWay.IN_PLACE_WITH_ROOM)) {
      for (int missing = -1; missing <= 1; missing++) {
        try (Session session = new Session(options)) {
          session.write(SampleRecords.random(Math.max(0, most - 8 + missing)), way);
          session.write(new byte[0], way);
          session.flush();
          session.write(SampleRecords.random(Math.max(0, most / 2 - 8)), way);
          session.write(SampleRecords.random(Math.max(0, most - most / 2 - 8 + missing)), way);
          session.write(SampleRecords.random(1), way);
        }
      }
    }
    assertFile();
  }

  /** They count 8 bytes each, and a chunk takes a byte of the file for each. */
  @ParameterizedTest
  @MethodSource("fastLayouts")
  void manyEmptyRecords(WriterOptions layout) throws IOException {
    try (Session session = new Session(layout)) {
      session.write(Collections.nCopies(140_000, new byte[0]));
      session.write(SampleRecords.random(5));
      session.write(Collections.nCopies(70_000, new byte[0]));
    }
    assertFile();
  }

  @Test
  void oneFileInAllLayouts() throws IOException {
    writeInEach(layouts());
    assertFile();
  }

  @Test
  void oneFileInAllLayoutsForTheOracle() throws IOException {
    writeInEach(layoutsForOracle());
    assertFile();
  }

  private void writeInEach(List<WriterOptions> layouts) throws IOException {
    for (WriterOptions layout : layouts) {
      for (WritingWay way : WritingWay.values()) {
        try (Session session = new Session(layout)) {
          session.write(SampleRecords.random(41), way);
          session.write(SampleRecords.repetitive(2000), way);
          session.flush();
          session.flush();
          session.write(SampleRecords.random(20_000), way);
        }
      }
    }
  }

  /** A decompressed size of 40 looks like the first byte of a zstd frame. */
  @ParameterizedTest
  @EnumSource
  void sizesThatLookLikeAFrame(Dialect dialect) throws IOException {
    WriterOptions options = WriterOptions.defaults().withDialect(dialect);
    try (Session session = new Session(options)) {
      for (int size : new int[] {40, 20}) {
        session.write(SampleRecords.repetitive(size));
        session.write(SampleRecords.repetitive(40 - size));
        session.flush();
      }
      session.write(Collections.nCopies(40, new byte[0]));
    }
    assertFile();
  }

  @Test
  void writersThatWriteNothing() throws IOException {
    for (WriterOptions layout : layouts()) {
      try (Session session = new Session(layout)) {
        session.flush();
      }
    }
    assertThat(Files.size(file)).isEqualTo(SIGNATURE);
    assertFile();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyRecordsInAnyLayout(long seed) throws IOException {
    Random random = new Random(seed);
    List<WriterOptions> layouts = random.nextBoolean() ? layouts() : layoutsForOracle();
    int sessions = 1 + random.nextInt(4);
    for (int i = 0; i < sessions; i++) {
      WriterOptions options = anyOptions(random, layouts);
      try (Session session = new Session(options)) {
        int records = random.nextInt(300);
        for (int j = 0; j < records; j++) {
          WritingWay[] ways = WritingWay.values();
          session.write(anyRecord(random, options), ways[random.nextInt(ways.length)]);
          if (random.nextInt(40) == 0) {
            session.flush();
          }
        }
      }
    }
    assertFile();
  }

  private static WriterOptions anyOptions(Random random, List<WriterOptions> layouts) {
    long[] chunkSizes = {1, 64, 1000, 5000, BLOCK, 1 << 20};
    return layouts
        .get(random.nextInt(layouts.size()))
        .withChunkSize(chunkSizes[random.nextInt(chunkSizes.length)]);
  }

  private static byte[] anyRecord(Random random, WriterOptions options) {
    int size =
        switch (random.nextInt(40)) {
          case 0 -> SIZES_AROUND_BOUNDARIES[random.nextInt(SIZES_AROUND_BOUNDARIES.length)];
          case 1 ->
              (int) Math.max(0, Math.min(options.chunkSize(), 3 * BLOCK) - random.nextInt(20));
          case 2 -> BLOCK - 64 + random.nextInt(128);
          default -> random.nextInt(1 << random.nextInt(11));
        };
    return random.nextBoolean()
        ? SampleRecords.random(random, size)
        : SampleRecords.repetitive(size);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyChunksOfAnIndependentWriter(long seed) throws IOException {
    Random random = new Random(seed);
    RecordFileForge forge = RecordFileForge.withSignature();
    int chunks = 1 + random.nextInt(60);
    for (int i = 0; i < chunks; i++) {
      addAnyChunk(forge, random);
    }
    Files.write(file, forge.bytes());

    SampleRecords.assertSame(OracleReader.parse(forge.bytes()).records(), written);
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), written);
    }
    assertThat(count()).isEqualTo(written.size());
  }

  private void addAnyChunk(RecordFileForge forge, Random random) {
    int bound = 1 << random.nextInt(18);
    switch (random.nextInt(15)) {
      case 0 -> forge.paddingChunk(random.nextInt(bound));
      case 1 -> forge.metadataChunk(SampleRecords.random(random, random.nextInt(bound)));
      case 2 -> forge.padToBlockEnd().chunk(ForgedChunk.signature());
      case 3 -> forge.simpleChunk();
      case 4 -> forge.zstdChunk(anyDialect(random));
      case 5 -> forge.chunk(overlong(random, keep(SampleRecords.random(random, bound / 2))));
      case 6 -> forge.chunk(oddFrame(random, keep(SampleRecords.random(random, bound))));
      case 7 -> forge.chunk(ForgedChunk.signature());
      case 8, 9, 10 -> forge.simpleChunk(keepAny(random, bound));
      default -> {
        List<byte[]> records = keepAny(random, bound);
        forge.chunk(ForgedChunk.zstd(anyDialect(random), 1 + random.nextInt(5), records));
      }
    }
  }

  private static ZstdDialect anyDialect(Random random) {
    return random.nextBoolean() ? ZstdDialect.DISKY : ZstdDialect.RIEGELI;
  }

  private byte[] keep(byte[] record) {
    written.add(record);
    return record;
  }

  private List<byte[]> keepAny(Random random, int bound) {
    int count = random.nextInt(1 + Math.min(200, (1 << 19) / bound));
    List<byte[]> records =
        IntStream.range(0, count)
            .mapToObj(i -> SampleRecords.random(random, random.nextInt(bound)))
            .toList();
    written.addAll(records);
    return records;
  }

  private static ForgedChunk overlong(Random random, byte[] record) {
    byte[] sizes = SimpleChunkData.varint(record.length, 3 + random.nextInt(8));
    byte[] sizesSize = SimpleChunkData.varint(sizes.length, 1 + random.nextInt(10));
    byte[] data = SimpleChunkData.of(ChunkTypes.NONE, sizesSize, sizes, record);
    return ForgedChunk.simple(data, 1, record.length);
  }

  private static ForgedChunk oddFrame(Random random, byte[] record) {
    byte[] frame =
        switch (random.nextInt(3)) {
          case 0 -> ZstdFrames.compressWithoutContentSize(record);
          case 1 -> ZstdFrames.compressWithChecksum(record);
          default -> ZstdFrames.stored(record.length, record);
        };
    byte[] sizes = SimpleChunkData.sizes(record.length);
    return ForgedChunk.simple(SimpleChunkData.of(ChunkTypes.ZSTD, sizes, frame), 1, record.length);
  }

  /**
   * What Riegeli has beside codecs: any of it in any combination, as far as one file can have it.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyRecordsInAnyLayoutOfRiegeli(long seed) throws IOException {
    Random random = new Random(seed);
    List<WriterOptions> layouts =
        layouts().stream().filter(it -> it.dialect() == Dialect.RIEGELI).toList();
    long[] paddings = {1, 1, 2, 500, 4096, BLOCK};
    int sessions = 1 + random.nextInt(4);
    for (int i = 0; i < sessions; i++) {
      WriterOptions options =
          anyOptions(random, layouts)
              .withTranspose(random.nextBoolean())
              .withBucketFraction(random.nextInt(3) / 2.0)
              .withInitialPadding(paddings[random.nextInt(paddings.length)])
              .withFinalPadding(paddings[random.nextInt(paddings.length)])
              .withMetadata(RecordsMetadata.empty().withFileComment("session " + i));
      try (Session session = new Session(options)) {
        int records = random.nextInt(200);
        for (int j = 0; j < records; j++) {
          WritingWay[] ways = WritingWay.values();
          session.write(anyRecord(random, options), ways[random.nextInt(ways.length)]);
          if (random.nextInt(40) == 0) {
            session.flush();
          }
        }
      }
      assertThat(Files.size(file) % options.finalPadding()).isZero();
    }
    assertFile();
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.metadata()).contains(RecordsMetadata.empty().withFileComment("session 0"));
    }
  }

  /** A writer of the file; what it writes is noted. */
  private final class Session implements AutoCloseable {
    private final RecordWriter writer;

    Session(WriterOptions options) throws IOException {
      writer = RecordWriter.open(file, options.withOpenMode(OpenMode.APPEND));
      plan.open(options.chunkSize());
      oracleReads &= !options.transpose();
      oracleReads &= ORACLE_CODECS.contains(options.compression().codec());
    }

    void write(byte[] record, WritingWay way) throws IOException {
      way.write(writer, record);
      written.add(record);
      plan.add(record.length);
    }

    void write(byte[] record) throws IOException {
      write(record, WritingWay.ARRAY);
    }

    void write(List<byte[]> records) throws IOException {
      for (byte[] record : records) {
        write(record);
      }
    }

    void flush() throws IOException {
      writer.flush();
      plan.flush();
    }

    @Override
    public void close() throws IOException {
      writer.close();
      plan.flush();
    }
  }

  private void assertFile() throws IOException {
    if (oracleReads) {
      SampleRecords.assertSame(OracleReader.read(file).records(), written);
    }
    assertThat(plan.joinParts(chunks())).isEqualTo(plan.chunks());
    for (ReadingWay way : Arrays.asList(ReadingWay.values())) {
      SampleRecords.assertSame(way.read(file), written);
    }
    assertThat(count()).isEqualTo(written.size());
  }

  private List<ChunkPlan.Chunk> chunks() throws IOException {
    List<ChunkPlan.Chunk> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunk -> {
        if (chunk.type().holdsRecords() && chunk.recordCount() > 0) {
          chunks.add(new ChunkPlan.Chunk(chunk.recordCount(), chunk.recordBytes()));
        }
      });
    }
    return chunks;
  }

  private long count() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      return reader.recordCount();
    }
  }
}

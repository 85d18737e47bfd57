package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.damage.DamageCase;
import io.disky.damage.DamagedChunkData;
import io.disky.damage.DamagedStructures;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.SimpleChunkData;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way over a file comes to the same decision about each chunk, and takes no more than it. */
@Timeout(120)
class WalksTest {
  private static final ReaderOptions DEFAULTS = ReaderOptions.defaults();
  private static final ReaderOptions RECOVER =
      DEFAULTS.withCorruptionStrategy(CorruptionStrategy.RECOVER);

  @TempDir private Path directory;
  private Path file;
  private LogCapture log;

  @BeforeEach
  void setUp() {
    file = directory.resolve("file");
    log = new LogCapture();
  }

  @AfterEach
  void tearDown() {
    log.close();
  }

  /** What was read, where and as what that ended in a failure, and what was skipped. */
  private record Outcome(List<String> records, String failure, List<String> skipped) {}

  private static String text(MemorySegment record) {
    return Arrays.toString(record.toArray(ValueLayout.JAVA_BYTE));
  }

  private static String failure(Throwable thrown) {
    return switch (thrown) {
      case UncheckedIOException e -> failure(e.getCause());
      case ShardException e -> failure(e.getCause());
      case CorruptFileException e -> e.damage() + " at " + e.position();
      case UnsupportedFormatException e -> "unsupported at " + e.position();
      case ChunkTooLargeException e -> "too large at " + e.position();
      default -> throw new AssertionError("another failure", thrown);
    };
  }

  private static List<String> texts(List<SkippedRegion> regions) {
    return regions.stream().map(r -> r.begin() + " to " + r.end() + " " + r.damage()).toList();
  }

  private interface Reading {
    void to(List<String> records) throws IOException;
  }

  private static String failureOf(Reading reading, List<String> records) {
    try {
      reading.to(records);
      return "none";
    } catch (IOException | UncheckedIOException e) {
      return failure(e);
    }
  }

  private Outcome read(ReaderOptions options) throws IOException {
    List<String> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, options)) {
      String failure = failureOf(to -> reader.forEach(record -> to.add(text(record))), records);
      return new Outcome(records, failure, texts(reader.skippedRegions()));
    }
  }

  private Outcome readAsShard(ReaderOptions options) throws IOException {
    List<String> records = new ArrayList<>();
    List<SkippedRegion> skipped = new ArrayList<>();
    MultiThreadedReaderOptions shards =
        MultiThreadedReaderOptions.defaults()
            .withReaderOptions(options.withSkippedRegionListener(skipped::add));
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.of(List.of(file)), shards)) {
      String failure =
          failureOf(
              to -> {
                for (RecordBatch next = reader.nextBatch(); next != null; ) {
                  try (RecordBatch batch = next) {
                    batch.forEach(record -> to.add(text(record)));
                  }
                  next = reader.nextBatch();
                }
              },
              records);
      return new Outcome(records, failure, texts(skipped));
    }
  }

  private Outcome readInRanges(ReaderOptions options, long part) throws IOException {
    List<String> records = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    String failure = "none";
    for (long begin = 0; begin < Files.size(file) && failure.equals("none"); begin += part) {
      try (RecordReader reader = RecordReader.open(file, options.withRange(begin, begin + part))) {
        failure = failureOf(to -> reader.forEach(record -> to.add(text(record))), records);
        skipped.addAll(texts(reader.skippedRegions()));
      }
    }
    return new Outcome(records, failure, skipped);
  }

  /** All records by their numbers; what cannot be opened has none. */
  private Outcome readByNumber(ReaderOptions options) throws IOException {
    List<String> records = new ArrayList<>();
    RandomAccessOptions random = RandomAccessOptions.defaults().withReaderOptions(options);
    String failure =
        failureOf(
            to -> {
              try (RandomAccessReader reader = RandomAccessReader.open(file, random)) {
                for (long i = 0; i < Math.min(reader.recordCount(), 1000); i++) {
                  to.add(Arrays.toString(reader.get(i)));
                }
              }
            },
            records);
    return new Outcome(records, failure, List.of());
  }

  private List<String> readBackwards(ReaderOptions options) throws IOException {
    List<String> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, options)) {
      reader.seekToOffset(Files.size(file));
      while (reader.seekBack()) {
        RecordPosition position = reader.position();
        records.add(text(reader.next()));
        reader.seek(position);
      }
    }
    return records.reversed();
  }

  private static ForgedChunk lost() {
    return ForgedChunk.simple(List.of("lost".getBytes(UTF_8), new byte[9])).withRecords(0);
  }

  static List<DamageCase> withoutRecords() {
    byte[] empty = SimpleChunkData.of(0, new byte[0], new byte[0]);
    return List.of(
        DamageCase.chunk("0 records and 2 in the data", null, lost()),
        DamageCase.chunk("0 records and bytes", null, lost().withDecodedSize(0)),
        DamageCase.chunk("0 records, large", null, lost().withDecodedSize(1L << 40)),
        DamageCase.chunk("0 records, wrong hash", null, lost().withWrongDataHash()),
        DamageCase.chunk("0 records", null, ForgedChunk.simple(empty, 0, 0)));
  }

  static List<DamageCase> corpus() {
    return Stream.of(
            withoutRecords(),
            DamagedStructures.all(),
            DamagedChunkData.damaged(),
            DamagedChunkData.huge(),
            DamagedChunkData.unsupported())
        .flatMap(List::stream)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void everyWayComesToTheSame(DamageCase damaged) throws IOException {
    Files.write(file, damaged.content());
    for (ReaderOptions options : List.of(DEFAULTS, RECOVER, RECOVER.withScan(false))) {
      Outcome expected = read(options);
      for (int threads : new int[] {1, 2}) {
        ReaderOptions ahead = options.withParallelism(threads);
        assertThat(read(ahead)).isEqualTo(expected);
        assertThat(read(ahead.withReadAhead(1))).isEqualTo(expected);
      }
      assertThat(readAsShard(options)).isEqualTo(expected);
      for (ReadingWay way : ReadingWay.values()) {
        List<String> records = new ArrayList<>();
        try (RecordReader reader = RecordReader.open(file, options)) {
          String failure =
              failureOf(to -> way.read(reader, record -> to.add(Arrays.toString(record))), records);
          assertThat(failure).as(way.name()).isEqualTo(expected.failure());
          if (way.isOrdered()) {
            assertThat(records).as(way.name()).isEqualTo(expected.records());
          }
        }
      }
    }
    assertThat(readInRanges(DEFAULTS, 100).records()).isEqualTo(read(DEFAULTS).records());
    Outcome serial = read(DEFAULTS);
    Outcome byNumber = readByNumber(DEFAULTS);
    if (serial.failure().equals("none")) {
      assertThat(byNumber).isEqualTo(serial);
    } else if (byNumber.failure().equals("none")) {
      // Data that hold no records are not looked at.
      assertThat(byNumber.records()).containsAll(serial.records());
    }
    Outcome recovered = read(RECOVER);
    if (recovered.failure().equals("none")) {
      assertThat(readBackwards(RECOVER)).as(damaged.toString()).isEqualTo(recovered.records());
    }
  }

  /** What states no records is looked into by those, too, who else look at headers only. */
  @ParameterizedTest
  @MethodSource("withoutRecords")
  void chunksThatStateNoRecordsAreLookedInto(DamageCase damaged) throws IOException {
    Files.write(file, damaged.content());
    Outcome serial = read(DEFAULTS);
    assertThat(readByNumber(DEFAULTS).failure()).isEqualTo(serial.failure());
    assertThat(readInRanges(DEFAULTS, 100)).isEqualTo(serial);
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(failureOf(_ -> reader.recordCount(), new ArrayList<>()))
          .isEqualTo(serial.failure());
      assertThat(failureOf(_ -> reader.verify(), new ArrayList<>())).isEqualTo(serial.failure());
    }
    Outcome recovered = read(RECOVER);
    assertThat(recovered.skipped()).hasSize(serial.failure().equals("none") ? 0 : 1);
    assertThat(readInRanges(RECOVER, 100)).isEqualTo(recovered);
    try (RecordReader reader = RecordReader.open(file, RECOVER)) {
      reader.verify();
      assertThat(texts(reader.skippedRegions())).isEqualTo(recovered.skipped());
    }
  }

  /** Counts the bytes that it gives. */
  private static final class CountedChannel implements SeekableByteChannel {
    private final byte[] bytes;
    private int position;
    private long given;

    CountedChannel(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer to) {
      int size = Math.min(to.remaining(), bytes.length - position);
      to.put(bytes, position, size);
      position += size;
      given += size;
      return size == 0 && to.hasRemaining() ? -1 : size;
    }

    @Override
    public int write(ByteBuffer from) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public SeekableByteChannel position(long to) {
      position = (int) to;
      return this;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static byte[] oneAndThen(ForgedChunk chunk, int count) {
    RecordFileForge forge = RecordFileForge.withSignature().simpleChunk(new byte[] {1});
    for (int i = 0; i < count; i++) {
      forge.chunk(chunk);
    }
    return forge.bytes();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 4000})
  void seekingBackReadsNoMoreThanAFewTimesTheFile(int count) throws IOException {
    ForgedChunk damaged = ForgedChunk.simple(List.of(new byte[0])).withWrongDataHash();
    ForgedChunk empty = ForgedChunk.simple(SimpleChunkData.of(0, new byte[0], new byte[0]), 0, 0);
    assertSeeksBack(oneAndThen(damaged, count), RECOVER, count);
    assertSeeksBack(oneAndThen(empty, count), RECOVER, 0);
    assertSeeksBack(oneAndThen(empty, count), DEFAULTS, 0);
  }

  private static void assertSeeksBack(byte[] bytes, ReaderOptions options, int damaged)
      throws IOException {
    CountedChannel channel = new CountedChannel(bytes);
    try (RecordReader reader = RecordReader.open(channel, options)) {
      reader.seekToOffset(bytes.length);
      long before = reader.downcalls();
      assertThat(reader.seekBack()).isTrue();
      assertThat(reader.position()).isEqualTo(new RecordPosition(64, 0));
      assertThat(reader.downcalls() - before).isLessThan(200);
      assertThat(channel.given).isLessThan(20L * bytes.length);
      // All of it is one region.
      assertThat(reader.skippedRegions()).hasSize(damaged > 0 ? 1 : 0);
      if (damaged > 0) {
        SkippedRegion skipped = reader.skippedRegions().getFirst();
        assertThat(skipped.end()).isEqualTo(bytes.length);
        assertThat(skipped.begin()).isLessThan(200);
      }
    }
  }

  private @Nullable RecordBatch next(RecordReader reader) throws IOException {
    RecordBatch batch = reader.nextBatch();
    if (batch != null) {
      batch.close();
    }
    return batch;
  }

  /** To hand a tiny chunk from thread to thread takes longer than to decode it. */
  @Test
  void tinyChunksAreNotHandedFromThreadToThread() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature();
    ForgedChunk tiny = ForgedChunk.simple(List.of(new byte[3]));
    for (int i = 0; i < 2000; i++) {
      // Half of the last thousand are damaged.
      forge.chunk(i < 1000 || i % 2 == 0 ? tiny : tiny.withWrongDataHash());
    }
    for (int i = 0; i < 40; i++) {
      forge.simpleChunk(new byte[20_000]);
    }
    Files.write(file, forge.bytes());
    try (RecordReader reader = RecordReader.open(file, RECOVER.withParallelism(2))) {
      for (int i = 0; i < 1500; i++) {
        assertThat(next(reader)).isNotNull();
      }
      assertThat(reader.decodedAhead()).isZero();
      for (int i = 0; i < 40; i++) {
        assertThat(next(reader)).isNotNull();
      }
      // From the second one on.
      assertThat(reader.decodedAhead()).isGreaterThanOrEqualTo(39);
      assertThat(next(reader)).isNull();
    }
  }
}

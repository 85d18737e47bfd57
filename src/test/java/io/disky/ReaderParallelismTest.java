package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.lifetime.GarbageCollection;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that decode ahead change nothing but the time that it takes. */
@Timeout(60)
class ReaderParallelismTest {
  private static final ReaderOptions DEFAULTS = ReaderOptions.defaults();

  /** With no more to be decoded ahead, threads take chunks of a few records, too. */
  private static final int LEAST = 4000;

  private static final ReaderOptions RECOVER =
      DEFAULTS.withCorruptionStrategy(CorruptionStrategy.RECOVER);

  @TempDir private Path directory;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(decodingThreads()).isZero();
  }

  private static long decodingThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("disky-decode-"))
        .count();
  }

  /** What a reader made of a file. */
  private record Outcome(
      List<String> batches, String failure, String sameFailure, List<SkippedRegion> regions) {

    static Outcome of(Path file, ReaderOptions options) throws IOException {
      List<String> batches = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(file, options)) {
        String failure =
            text(() -> {
              for (RecordBatch batch = reader.nextBatch();
                  batch != null;
                  batch = reader.nextBatch()) {
                batches.add(describe(batch) + reader.position() + reader.skippedRegions().size());
                batch.close();
              }
            });
        String again = text(() -> assertThat(reader.nextBatch()).isNull());
        return new Outcome(batches, failure, again, reader.skippedRegions());
      }
    }

    private static String describe(RecordBatch batch) {
      byte[] ends = batch.ends().toArray(ValueLayout.JAVA_BYTE);
      byte[] data = batch.data().toArray(ValueLayout.JAVA_BYTE);
      return batch.chunkBegin()
          + " to "
          + batch.chunk().place().chunkEnd()
          + " "
          + batch.isScanned()
          + Arrays.hashCode(ends)
          + Arrays.hashCode(data);
    }

    private static String text(WorkerThread.Task task) {
      Throwable thrown = WorkerThreads.thrownBy(task);
      return String.valueOf(thrown);
    }
  }

  private static List<ReaderOptions> inParallel(ReaderOptions options) {
    return List.of(
        options.withParallelism(1).withReadAhead(1),
        options.withParallelism(2).withReadAhead(5000),
        options.withParallelism(2),
        options.withParallelism(3).withReadAhead(LEAST),
        options.withParallelism(4).withReadAhead(300_000));
  }

  private static void assertSame(Path file, ReaderOptions options) throws IOException {
    Outcome expected = Outcome.of(file, options);
    for (ReaderOptions parallel : inParallel(options)) {
      Outcome outcome = Outcome.of(file, parallel);
      for (int i = 0; i < Math.min(expected.batches().size(), outcome.batches().size()); i++) {
        assertThat(outcome.batches().get(i))
            .as("batch %s of %s, %s", i, file, parallel)
            .isEqualTo(expected.batches().get(i));
      }
      assertThat(outcome.batches()).as(file.toString()).hasSameSizeAs(expected.batches());
      assertThat(outcome.failure()).isEqualTo(expected.failure());
      assertThat(outcome.sameFailure()).isEqualTo(expected.sameFailure());
      assertThat(outcome.regions()).isEqualTo(expected.regions());
    }
  }

  static Stream<Path> goldenFiles() {
    return GoldenManifest.all().stream().flatMap(entry -> entry.files().stream());
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void goldenFilesAreReadTheSame(Path file) throws IOException {
    assertSame(file, DEFAULTS);
    assertSame(file, RECOVER);
    assertSame(file, DEFAULTS.withMaxChunkSize(30_000));
    assertSame(file, DEFAULTS.withMaxRecordSize(1000));
    long size = Files.size(file);
    assertSame(file, DEFAULTS.withRange(size / 3, size / 3 * 2));
    assertSame(file, RECOVER.withRange(size / 3, Long.MAX_VALUE));
  }

  private static byte[] damage(byte[] content, Random random) {
    byte[] damaged = content.clone();
    switch (random.nextInt(4)) {
      case 0 -> damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        int begin = random.nextInt(damaged.length);
        int end = Math.min(damaged.length, begin + random.nextInt(100_000));
        Arrays.fill(damaged, begin, end, (byte) 0);
      }
      case 2 -> {
        return Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      default -> {
        for (int i = 0; i < 20; i++) {
          damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return damaged;
  }

  private void assertDamagedCopiesAreSame(
      Path original, long seed, int copies, ReaderOptions... options) throws IOException {
    System.out.println("seed " + seed);
    byte[] content = Files.readAllBytes(original);
    Random random = new Random(seed);
    Path file = directory.resolve("damaged");
    for (int i = 0; i < copies; i++) {
      Files.write(file, damage(content, random));
      for (ReaderOptions each : options) {
        assertSame(file, each);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void damagedGoldenFilesAreReadTheSame(Path golden) throws IOException {
    long seed = Files.size(golden);
    assertDamagedCopiesAreSame(golden, seed, 12, DEFAULTS, RECOVER, RECOVER.withScan(false));
  }

  /**
   * Small chunks, and large uncompressed ones: threads decode several of the latter in one call.
   */
  @ParameterizedTest
  @CsvSource({"none, 300, 20, 17, 60", "zstd, 300, 20, 17, 60", "none, 24, 1400, 19, 25"})
  void damagedFilesOfManyChunksAreReadTheSame(
      Compression compression, int chunks, int perChunk, long seed, int copies) throws IOException {
    Path written =
        NumberedRecords.write(directory.resolve("written"), compression, chunks, perChunk);
    assertDamagedCopiesAreSame(written, seed, copies, DEFAULTS, RECOVER);
  }

  private Path numbered(int chunks, int perChunk) throws IOException {
    return NumberedRecords.write(directory.resolve("file"), Compression.zstd(), chunks, perChunk);
  }

  @Test
  void everyWayToReadSeesTheSame() throws IOException {
    Path file = numbered(100, 7);
    for (ReaderOptions options : inParallel(DEFAULTS)) {
      try (RecordReader reader = RecordReader.open(file, options)) {
        NumberedRecords.assertRest(reader, 0, 699);
      }
      try (RecordReader reader = RecordReader.open(file, options);
          Arena arena = Arena.ofShared()) {
        for (int i = 0; i < 100; i++) {
          NumberedRecords.assertRecords(reader.nextBatch(arena), i * 7);
        }
        assertThat(reader.nextBatch(arena)).isNull();
      }
      try (RecordReader reader = RecordReader.open(file, options)) {
        int[] number = {0};
        reader.visit(record -> NumberedRecords.assertRecord(record, number[0]++));
        assertThat(number[0]).isEqualTo(700);
      }
      try (RecordReader reader = RecordReader.open(file, options)) {
        long records =
            reader
                .batches()
                .parallel()
                .mapToLong(batch -> {
                  try (batch) {
                    return batch.recordCount();
                  }
                })
                .sum();
        assertThat(records).isEqualTo(700);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void readerGoesHereAndThere(long seed) throws IOException {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path file = numbered(100, 7);
    for (ReaderOptions options : inParallel(DEFAULTS)) {
      try (RecordReader reader = RecordReader.open(file, options)) {
        List<RecordPosition> positions = new ArrayList<>();
        for (MemorySegment record : reader) {
          NumberedRecords.assertRecord(record, positions.size());
          positions.add(reader.lastPosition());
        }
        for (int i = 0; i < 40; i++) {
          int number = random.nextInt(700);
          reader.seek(positions.get(number));
          if (random.nextInt(4) == 0 && number % 7 == 0) {
            reader.verify();
            assertThat(reader.nextBatch()).isNull();
            continue;
          }
          int most = number + random.nextInt(60);
          for (int next = number; next < Math.min(700, most); next++) {
            NumberedRecords.assertRecord(reader.next(), next);
            assertThat(reader.lastPosition()).isEqualTo(positions.get(next));
          }
          assertThat(reader.recordCount()).isEqualTo(700);
        }
      }
    }
  }

  @Test
  void followedFileIsReadWithoutThreads() throws IOException {
    Path file = numbered(20, 7);
    ReaderOptions options =
        DEFAULTS.withParallelism(2).withFollow(true).withFollowTimeout(Duration.ZERO);
    try (RecordReader reader = RecordReader.open(file, options)) {
      NumberedRecords.assertRest(reader, 0, 139);
      assertThat(decodingThreads()).isZero();
      try (RecordWriter writer =
          RecordWriter.open(file, WriterOptions.defaults().withOpenMode(OpenMode.APPEND))) {
        writer.write(NumberedRecords.record(140));
      }
      NumberedRecords.assertRest(reader, 140, 140);
    }
  }

  @Test
  void threadsStartWhenThereIsMoreThanAChunk() throws IOException {
    ReaderOptions options = DEFAULTS.withParallelism(3);
    try (RecordReader reader = RecordReader.open(numbered(1, 1000), options)) {
      NumberedRecords.assertRest(reader, 0, 999);
      assertThat(decodingThreads()).isZero();
    }
  }

  /** To start them and to hand chunks over would take longer than to decode these. */
  @ParameterizedTest
  @EnumSource
  void noThreadStartsForSmallChunks(CorruptionStrategy strategy) throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature();
    ForgedChunk small = ForgedChunk.simple(List.of(new byte[10_000]));
    for (int i = 0; i < 100; i++) {
      forge.chunk(small);
      for (int k = 0; strategy == CorruptionStrategy.RECOVER && k < 20; k++) {
        forge.chunk(small.withWrongDataHash());
      }
    }
    forge.simpleChunk(new byte[16 << 10]).chunk(small).chunk(small);
    Path file = directory.resolve("small");
    Files.write(file, forge.bytes());
    ReaderOptions options = DEFAULTS.withParallelism(3).withCorruptionStrategy(strategy);
    try (RecordReader reader = RecordReader.open(file, options)) {
      for (int i = 0; i < 100; i++) {
        reader.nextBatch().close();
        assertThat(decodingThreads()).isZero();
      }
      reader.nextBatch().close(); // the first that is worth it
      assertThat(decodingThreads()).isEqualTo(3);
      reader.nextBatch().close();
      reader.nextBatch().close();
      assertThat(reader.decodedAhead()).isEqualTo(2);
    }
  }

  /** The thread that takes records comes in addition. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5})
  void soManyThreadsAreStarted(int parallelism) throws IOException {
    Path many = NumberedRecords.write(directory.resolve("many"), Compression.zstd(), 20, 1000);
    try (RecordReader reader = RecordReader.open(many, DEFAULTS.withParallelism(parallelism))) {
      reader.nextBatch().close();
      assertThat(decodingThreads()).isEqualTo(parallelism);
      reader.nextBatch().close();
    }
  }

  @Test
  void forgottenReaderEndsItsThreads() throws Exception {
    MemorySegment record = firstRecord(numbered(200, 7));
    assertThat(GarbageCollection.leadsTo(() -> decodingThreads() == 0)).isTrue();
    NumberedRecords.assertRecord(record, 0);
  }

  private static MemorySegment firstRecord(Path file) throws IOException {
    return RecordReader.open(file, DEFAULTS.withParallelism(2).withReadAhead(1)).iterator().next();
  }

  @Test
  void memoryIsUsedAgain() throws IOException {
    Path file = numbered(300, 7);
    try (RecordReader reader =
        RecordReader.open(file, DEFAULTS.withParallelism(2).withReadAhead(LEAST))) {
      long addresses =
          reader
              .batches()
              .map(batch -> {
                try (batch) {
                  return batch.data().address();
                }
              })
              .distinct()
              .count();
      assertThat(addresses).isLessThan(60);
    }
  }

  @Test
  void isClosedAtAnyMoment() throws IOException {
    Path file = numbered(100, 7);
    for (int batches = 0; batches < 40; batches++) {
      for (ReaderOptions options : inParallel(DEFAULTS)) {
        RecordReader reader = RecordReader.open(file, options);
        for (int i = 0; i < batches; i++) {
          reader.nextBatch();
        }
        reader.close();
        assertThat(decodingThreads()).isZero();
      }
    }
  }
}

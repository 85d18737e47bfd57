package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.damage.DamageGenerator;
import io.disky.damage.DamageGenerator.Kind;
import io.disky.damage.FileDamage;
import io.disky.damage.IntactFile;
import io.disky.damage.SurvivingChunks;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordDigest;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that others wrote, damaged at every structure and at random places: every intact chunk
 * comes back, and nothing else.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryTest {
  private static final long SEED = 20_261_122;

  @TempDir private Path directory;
  private final List<IntactFile> originals = originals();
  private LogCapture log;
  private int cases;
  private int decidedCases;

  @BeforeEach
  void captureLog() {
    log = new LogCapture();
  }

  @AfterEach
  void releaseLog() {
    log.close();
  }

  private static List<IntactFile> originals() {
    List<IntactFile> files = new ArrayList<>();
    for (GoldenManifest.Entry entry : GoldenManifest.all()) {
      for (Path path : entry.files()) {
        try {
          files.add(IntactFile.read(path));
        } catch (IOException e) {
          throw new AssertionError(path + " is to be intact", e);
        }
      }
    }
    return files;
  }

  /** What a reader made of a file: the chunks that it returned, by position, and the rest. */
  private record Reading(
      List<Integer> chunks, List<Integer> scanned, List<SkippedRegion> skippedRegions) {}

  @ParameterizedTest
  @EnumSource
  void everyIntactChunkComesBackAndNothingElse(Kind kind) throws IOException {
    int before = cases;
    long seed = SEED;
    for (IntactFile original : originals) {
      for (int i = 0; i < repetitions(kind); i++) {
        seed++;
        byte[] damaged = DamageGenerator.damage(original, kind, seed);
        if (!Arrays.equals(damaged, original.bytes())) {
          try {
            check(original, damaged);
          } catch (AssertionError e) {
            throw new AssertionError(original + ", " + kind + ", seed " + seed, e);
          }
        }
      }
    }
    assertThat(cases - before).as("cases of %s", kind).isGreaterThan(5);
  }

  private static int repetitions(Kind kind) {
    return switch (kind) {
      case SIGNATURE, ALL_BLOCK_HEADERS, ZEROS_BEHIND, JUNK_BEHIND, SECTOR_OVER -> 1;
      case SEVERAL -> 4;
      case POSTSCRIPT_AND_CHUNK, FOOTER_AND_CHUNK -> 6;
      default -> 2;
    };
  }

  /** A generator of damage of which nothing can be said would prove nothing. */
  @AfterAll
  void mostCasesAreDecided() {
    System.out.printf(
        "%s: seed %d, %d damaged files, of %d of them it is known what is to come back%n",
        getClass().getSimpleName(), SEED, cases, decidedCases);
    assertThat(10 * decidedCases).isGreaterThanOrEqualTo(9 * cases);
  }

  private void check(IntactFile original, byte[] damaged) throws IOException {
    SurvivingChunks copy = new SurvivingChunks(original, damaged);
    Path file = Files.write(directory.resolve("damaged"), damaged);
    Reading reading = recover(original, file, true);

    List<Integer> intact = withRecords(original, copy.intactChunks());
    List<Integer> placed = withRecords(original, copy.placedChunks());
    assertThat(reading.chunks()).isSubsetOf(intact).containsAll(placed).isSorted();
    cases++;
    decidedCases += placed.equals(intact) ? 1 : 0;

    checkRegions(original, copy, damaged.length, reading);
    checkWithoutScan(original, file, reading);
    checkVerify(file, reading);
    checkStopsAtTheFirstDamage(original, copy, file);
  }

  private static List<Integer> withRecords(IntactFile original, List<Integer> chunks) {
    return chunks.stream()
        .map(original.chunks()::get)
        .filter(IntactFile.Chunk::hasRecords)
        .map(IntactFile.Chunk::begin)
        .toList();
  }

  private static ReaderOptions recovering(List<SkippedRegion> told) {
    return ReaderOptions.defaults()
        .withCorruptionStrategy(CorruptionStrategy.RECOVER)
        .withSkippedRegionListener(told::add);
  }

  private static Reading recover(IntactFile original, Path file, boolean scan) throws IOException {
    List<SkippedRegion> told = new ArrayList<>();
    List<Integer> chunks = new ArrayList<>();
    List<Integer> scanned = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, recovering(told).withScan(scan))) {
      readChunks(original, reader, chunks, scanned);
      assertThat(reader.skippedRegions()).isEqualTo(told);
    }
    return new Reading(chunks, scanned, told);
  }

  /** Checks that what comes are chunks of the original, each with its records. */
  private static void readChunks(
      IntactFile original, RecordReader reader, List<Integer> chunks, List<Integer> scanned)
      throws IOException {
    Map<Long, IntactFile.Chunk> byBegin = new HashMap<>();
    original.chunks().forEach(chunk -> byBegin.put((long) chunk.begin(), chunk));
    reader.visitBatches(batch -> {
      IntactFile.Chunk chunk = byBegin.get(batch.chunkBegin());
      assertThat(chunk).as("%s of the original", batch).isNotNull();
      chunk.assertSame(batch);
      chunks.add(chunk.begin());
      if (batch.isScanned()) {
        scanned.add(chunk.begin());
      }
    });
  }

  /**
   * Regions and chunks that were passed cover the file; in a chunk there are only block headers.
   */
  private static void checkRegions(
      IntactFile original, SurvivingChunks copy, int size, Reading reading) {
    BitSet skipped = new BitSet(size);
    long last = 0;
    for (SkippedRegion region : reading.skippedRegions()) {
      assertThat(region.begin()).as("begin of %s", region).isGreaterThanOrEqualTo(last);
      assertThat(region.end()).as("end of %s", region).isBetween(region.begin() + 1, (long) size);
      assertThat(region.reason()).isNotBlank();
      assertThat(region.damage()).isPresent();
      skipped.set((int) region.begin(), (int) region.end());
      last = region.end();
    }
    for (int i = 0; i < original.chunks().size(); i++) {
      IntactFile.Chunk chunk = original.chunks().get(i);
      if (chunk.begin() < size) {
        checkRegionsOf(
            chunk,
            copy,
            i,
            skipped.get(chunk.begin(), Math.min(chunk.end(), size)),
            reading.chunks().contains(chunk.begin()),
            Math.min(chunk.end(), size));
      }
    }
    int end = Math.min(original.end(), size);
    assertThat(skipped.nextClearBit(end))
        .as("skipped behind the last chunk")
        .isGreaterThanOrEqualTo(size);
  }

  private static void checkRegionsOf(
      IntactFile.Chunk chunk,
      SurvivingChunks copy,
      int index,
      BitSet skipped,
      boolean returned,
      int end) {
    if (skipped.cardinality() == end - chunk.begin()) {
      assertThat(returned).as("%s is skipped and returned", chunk).isFalse();
      return;
    }
    assertThat(copy.isIntact(index)).as("what is not skipped of %s is intact", chunk).isTrue();
    BitSet blockHeaders = new BitSet();
    for (int block : copy.damagedBlockHeaders(chunk.begin(), chunk.dataEnd())) {
      blockHeaders.set(block - chunk.begin(), Math.min(block + 24, end) - chunk.begin());
    }
    assertThat(skipped).as("what is skipped of %s", chunk).isEqualTo(blockHeaders);
  }

  private static void checkWithoutScan(IntactFile original, Path file, Reading reading)
      throws IOException {
    List<Integer> expected = new ArrayList<>(reading.chunks());
    expected.removeAll(reading.scanned());
    Reading placed = recover(original, file, false);
    assertThat(placed.chunks()).isEqualTo(expected);
    assertThat(placed.scanned()).isEmpty();
    assertThat(placed.skippedRegions()).noneMatch(SkippedRegion::scanned);
  }

  /** Nothing of these files is damaged in a way that only decoding would show. */
  private static void checkVerify(Path file, Reading reading) throws IOException {
    List<SkippedRegion> told = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, recovering(told))) {
      reader.verify();
      assertThat(joined(told)).isEqualTo(joined(reading.skippedRegions()));
      assertThat(reader.skippedRegions()).isEqualTo(told);
      assertThat(reader.nextBatch()).isNull();
    }
  }

  /** Regions that touch may be one where no records were read between them. */
  private static List<List<Long>> joined(List<SkippedRegion> regions) {
    List<List<Long>> extents = new ArrayList<>();
    for (SkippedRegion region : regions) {
      boolean touches = !extents.isEmpty() && extents.getLast().get(1) == region.begin();
      long begin = touches ? extents.removeLast().get(0) : region.begin();
      extents.add(List.of(begin, region.end()));
    }
    return extents;
  }

  private static void checkStopsAtTheFirstDamage(
      IntactFile original, SurvivingChunks copy, Path file) throws IOException {
    List<Integer> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file);
        RecordReader verifying = RecordReader.open(file)) {
      if (copy.firstDamage().isEmpty()) {
        readChunks(original, reader, chunks, new ArrayList<>());
        verifying.verify();
        assertThat(chunks).isEqualTo(withRecords(original, copy.intactChunks()));
        return;
      }
      SurvivingChunks.FirstDamage first = copy.firstDamage().get();
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> readChunks(original, reader, chunks, new ArrayList<>()))
          .satisfies(
              e -> assertThat((int) e.position()).as(e.getMessage()).isIn(first.positions()));
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(verifying::verify)
          .satisfies(e -> assertThat((int) e.position()).isIn(first.positions()));
      List<Integer> before = copy.intactChunks().stream().filter(i -> i < first.chunk()).toList();
      assertThat(chunks).isEqualTo(withRecords(original, before));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"disky/lines.none.disky", "disky/lines.zstd.disky"})
  void damagedBlockHeaderOrSignatureCostsNoneOf6000Records(String path) throws IOException {
    GoldenManifest.Entry golden = GoldenManifest.entry(path);
    byte[] intact = Files.readAllBytes(golden.location());
    assertThat(golden.records()).isEqualTo(6000);

    assertAllCome(golden, FileDamage.flip(intact, 65_536 + 3), 65_536, 65_560);
    assertAllCome(golden, FileDamage.flip(intact, 10), 0, 64);
    assertAllCome(golden, FileDamage.overwrite(intact, 0, new byte[64]), 0, 64);
  }

  private void assertAllCome(GoldenManifest.Entry golden, byte[] damaged, long begin, long end)
      throws IOException {
    Path file = Files.write(directory.resolve("lines"), damaged);
    List<SkippedRegion> told = new ArrayList<>();
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, recovering(told))) {
      ReadingWay.ITERATION.read(reader, records::add);
    }
    assertThat(records.size()).isEqualTo(6000);
    assertThat(RecordDigest.of(records)).isEqualTo(golden.digest());
    assertThat(told.size()).isEqualTo(1);
    assertThat(told.getFirst().begin()).isEqualTo(begin);
    assertThat(told.getFirst().end()).isEqualTo(end);
  }

  /** Each of its chunks and blocks is damaged in turn: what is inside a record stays there. */
  @Test
  void recordsThatAreRecordFilesNeverComeBackAsTheirContents() throws IOException {
    Path nested = GoldenManifest.entry("disky/nested.none.disky").location();
    IntactFile original = IntactFile.read(nested);
    List<byte[]> records = OracleReader.read(nested).records();
    byte[] intact = original.bytes();
    List<byte[]> damaged = new ArrayList<>();
    for (IntactFile.Chunk chunk : original.chunks()) {
      damaged.add(FileDamage.flip(intact, chunk.begin() + 5L));
      damaged.add(FileDamage.flip(intact, chunk.dataEnd() - 1L));
      damaged.add(FileDamage.overwrite(intact, chunk.begin(), new byte[64]));
    }
    for (int block : original.blocks()) {
      damaged.add(FileDamage.flip(intact, block));
    }
    for (byte[] bytes : damaged) {
      Path file = Files.write(directory.resolve("nested"), bytes);
      List<byte[]> read = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(file, recovering(new ArrayList<>()))) {
        ReadingWay.ITERATION.read(reader, read::add);
      }
      assertThat(read.size()).isLessThanOrEqualTo(records.size());
      assertThat(read)
          .allMatch(record -> records.stream().anyMatch(one -> Arrays.equals(one, record)));
    }
  }
}

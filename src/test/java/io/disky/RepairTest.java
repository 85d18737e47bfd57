package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleReader;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Torn tails: refused, cut, reported. The oracle says what is whole. */
class RepairTest {
  private static final byte[] ADDED = {'a', 'd', 'd', 'e', 'd'};
  private static final int SEED = 3;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static WriterOptions append() {
    return WriterOptions.defaults()
        .withOpenMode(OpenMode.APPEND)
        .withCompression(Compression.none());
  }

  static Stream<GoldenManifest.Entry> goldens() {
    return GoldenManifest.forOracle().stream().filter(entry -> !entry.isSharded());
  }

  /** Cuts every golden file at the edges of its chunks and blocks, and at random. */
  @ParameterizedTest
  @MethodSource("goldens")
  void whatIsWholeSurvives(GoldenManifest.Entry golden) throws IOException {
    byte[] content = Files.readAllBytes(golden.location());
    OracleReader oracle = OracleReader.parse(content);
    for (int size : sizes(content.length, oracle)) {
      byte[] torn = Arrays.copyOf(content, size);
      Files.write(file, torn);
      int whole = wholeBytes(oracle, size);
      if (whole == size) {
        assertThat(RecordWriter.repair(file)).as("%d bytes", size).isEmpty();
      } else {
        refuses(torn, whole);
        repairs(torn, whole);
      }
      int records = (int) recordsWithin(oracle, whole);
      continueWith(oracle.records().subList(0, records), size);
    }
  }

  private static Set<Integer> sizes(int length, OracleReader oracle) {
    Random random = new Random(SEED);
    Set<Integer> sizes = new TreeSet<>();
    for (OracleReader.Chunk chunk : oracle.chunks()) {
      for (long edge : new long[] {chunk.begin() + 1, chunk.begin() + 45, chunk.end()}) {
        sizes.add((int) Math.min(edge, length));
      }
    }
    while (sizes.size() > 20) {
      sizes.remove(sizes.stream().skip(random.nextInt(sizes.size())).findFirst().orElseThrow());
    }
    for (int i = 0; i < 5; i++) {
      sizes.add(1 + random.nextInt(length));
    }
    return sizes;
  }

  /** Where the last chunk ends of which there is all but, perhaps, the padding. */
  private static int wholeBytes(OracleReader oracle, int size) {
    long whole = 0;
    for (OracleReader.Chunk chunk : oracle.chunks()) {
      if (dataEnd(chunk) <= size) {
        whole = Math.min(chunk.end(), size);
      }
    }
    return (int) whole;
  }

  private static long dataEnd(OracleReader.Chunk chunk) {
    long position = chunk.begin();
    for (long left = 40 + chunk.dataSize(); left > 0; left--) {
      position += position % 65_536 == 0 ? 25 : 1;
    }
    return position;
  }

  private static long recordsWithin(OracleReader oracle, int size) {
    return oracle.chunks().stream()
        .filter(chunk -> dataEnd(chunk) <= size)
        .mapToLong(OracleReader.Chunk::records)
        .sum();
  }

  private void refuses(byte[] torn, int whole) throws IOException {
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RecordWriter.open(file, append()))
        .withMessageContaining("torn")
        .satisfies(e -> assertThat(e.position()).isEqualTo(whole));
    assertThat(Arrays.equals(Files.readAllBytes(file), torn)).isTrue();
  }

  private void repairs(byte[] torn, int whole) throws IOException {
    Optional<Repair> dry = RecordWriter.findTornTail(file);
    assertThat(Arrays.equals(Files.readAllBytes(file), torn)).isTrue();
    assertThat(RecordWriter.repair(file)).isEqualTo(dry);
    assertThat(dry)
        .hasValueSatisfying(repair -> {
          assertThat(repair.sizeBefore()).isEqualTo(torn.length);
          assertThat(repair.sizeAfter()).isEqualTo(whole);
          assertThat(repair.reason()).contains("truncated");
        });
    assertThat(Files.readAllBytes(file)).isEqualTo(Arrays.copyOf(torn, whole));
    assertThat(RecordWriter.repair(file)).isEmpty();
    // Once more, in the way of a writer.
    Files.write(file, torn);
    try (LogCapture log = new LogCapture();
        RecordWriter writer = RecordWriter.open(file, append().withRepair(true))) {
      assertThat(writer.repair()).isEqualTo(dry);
      String bytes = (torn.length - whole) + " of " + torn.length + " bytes";
      assertThat(log.messages("torn tail")).singleElement().asString().contains("WARNING", bytes);
    }
  }

  private void continueWith(List<byte[]> before, int size) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, append())) {
      assertThat(writer.repair()).isEmpty();
      writer.write(ADDED);
    }
    List<byte[]> expected = SampleRecords.concatenate(before, List.of(ADDED));
    SampleRecords.assertSame(ReadingWay.NEXT_BATCH.read(file), expected);
    SampleRecords.assertSame(OracleReader.read(file).records(), expected);
    assertThat(RecordWriter.findTornTail(file)).as("%d bytes", size).isEmpty();
  }

  /** An intact chunk behind what is damaged: a cut would lose it. */
  @Test
  void whatIsWholeIsNeverCut() throws IOException {
    WriterOptions options = append().withChunkSize(1);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(SampleRecords.random(100_000));
      writer.write(ADDED);
    }
    byte[] damaged = Files.readAllBytes(file);
    List<OracleReader.Chunk> chunks = OracleReader.parse(damaged).chunks();
    damaged[64] ^= 1;
    Files.write(file, damaged);

    for (boolean dryRun : new boolean[] {true, false}) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> repair(file, dryRun))
          .withMessageContaining("byte 64")
          .withMessageContaining("byte " + chunks.getLast().begin())
          .withMessageContaining("recover")
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.CHUNK_HEADER));
    }
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RecordWriter.open(file, options.withRepair(true)));
    assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
  }

  @Test
  void aFileTornAtBirthBeginsAnew() throws IOException {
    byte[] signature = Arrays.copyOf(Files.readAllBytes(golden("disky/empty.disky")), 64);
    for (int size = 1; size < 64; size++) {
      Files.write(file, Arrays.copyOf(signature, size));
      try (LogCapture log = new LogCapture();
          RecordWriter writer = RecordWriter.open(file, append().withRepair(true))) {
        assertThat(writer.repair().map(Repair::sizeAfter)).contains(0L);
        assertThat(log.messages("torn tail")).hasSize(1);
        writer.write(ADDED);
      }
      SampleRecords.assertSame(OracleReader.read(file).records(), List.of(ADDED));
    }
  }

  private static Path golden(String name) {
    return GoldenManifest.entry(name).location();
  }

  @Test
  void whatIsNoTornFileIsRefused() throws IOException {
    Files.write(file, new byte[1000]);
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RecordWriter.repair(file))
        .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.NOT_A_RECORD_FILE));
    assertThat(file).hasBinaryContent(new byte[1000]);

    Path array = golden("arrayrecord/lines.zstd.arrayrecord");
    Files.write(file, Files.readAllBytes(array));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordWriter.repair(file))
        .withMessageContaining("ArrayRecord");
    assertThat(file).hasSameBinaryContentAs(array);

    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RecordWriter.repair(directory.resolve("none")));
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordWriter.repair(directory));
    assertThatNullPointerException().isThrownBy(() -> RecordWriter.repair(null));
    assertThatNullPointerException().isThrownBy(() -> new Repair(1, 0, null));
  }

  @Test
  void aFileThatAWriterHoldsIsLeftAlone() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> repair(file, false))
          .withMessageContaining("another writer");
      assertThat(repair(file, true)).as("looking takes no lock").isEmpty();
      assertThat(writer.repair()).isEmpty();
    }
    assertThat(RecordWriter.repair(file)).isEmpty();
  }

  private static Optional<Repair> repair(Path file, boolean dryRun) throws IOException {
    return dryRun ? RecordWriter.findTornTail(file) : RecordWriter.repair(file);
  }
}

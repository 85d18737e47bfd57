package io.disky;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.DamageCase;
import io.disky.damage.DamagedChunkData;
import io.disky.damage.DamagedStructures;
import io.disky.damage.FileDamage;
import io.disky.oracle.BlockLayout;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.ZstdDialect;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Input that is no intact record file: each kind is another exception, which says what is wrong and
 * where, after all records before it.
 */
@Timeout(60)
class BadInputTest {
  /** What the whole of a JVM may take to read hostile files, in bytes. */
  private static final long MODEST_MEMORY = 64L << 20;

  private static final byte[] SIGNATURE = RecordFileForge.withSignature().bytes();
  private static final ReaderOptions DEFAULTS = ReaderOptions.defaults();
  private static final ReaderOptions UNLIMITED = DEFAULTS.withMaxChunkSize(Long.MAX_VALUE);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  /** Makes another file of it: some file systems wait for the disk where one is overwritten. */
  private void put(byte[] content) throws IOException {
    Files.deleteIfExists(file);
    Files.write(file, content);
  }

  // Damage behind intact records

  static List<DamageCase> damaged() {
    return Stream.of(DamagedStructures.all(), DamagedChunkData.damaged())
        .flatMap(List::stream)
        .toList();
  }

  static List<DamageCase> unsupported() {
    return DamagedChunkData.unsupported();
  }

  static List<DamageCase> huge() {
    return DamagedChunkData.huge();
  }

  static List<DamageCase> beyond() {
    return DamagedChunkData.beyond();
  }

  /** All of them. */
  private static List<DamageCase> hostile() {
    return Stream.of(damaged(), unsupported(), huge(), beyond()).flatMap(List::stream).toList();
  }

  @ParameterizedTest
  @MethodSource("damaged")
  void damageIsNamed(DamageCase damaged) throws IOException {
    put(damaged.content());
    for (ReadingWay way : ReadingWay.values()) {
      assertDamage(damaged, DEFAULTS, way);
    }
  }

  @ParameterizedTest
  @MethodSource("huge")
  void hugeSizesAreDamageWhereThereIsNoLimit(DamageCase damaged) throws IOException {
    put(damaged.content());
    for (ReadingWay way : ReadingWay.values()) {
      assertDamage(damaged, UNLIMITED, way);
    }
  }

  private void assertDamage(DamageCase damaged, ReaderOptions options, ReadingWay way)
      throws IOException {
    List<byte[]> before = DamageCase.recordsBefore();
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, options)) {
      assertThatExceptionOfType(CorruptFileException.class)
          .as(way.name())
          .isThrownBy(() -> way.read(reader, records::add))
          .withMessageContaining(file.toString())
          .withMessageContaining("byte " + damaged.position() + ":")
          .withMessageContaining(before.size() + " records were read before")
          .satisfies(e -> {
            assertThat(e.damage()).as(e.getMessage()).isEqualTo(damaged.damage());
            assertThat(e.position()).as(e.getMessage()).isEqualTo(damaged.position());
            assertThat(e.recordsRead()).isEqualTo(before.size());
            assertThat(e.path()).contains(file);
          });
    }
    if (way.isOrdered()) {
      SampleRecords.assertSame(records, before);
    }
  }

  @ParameterizedTest
  @MethodSource("huge")
  void hugeSizesExceedTheLimit(DamageCase damaged) throws IOException {
    assertTooLarge(damaged, DEFAULTS);
  }

  @ParameterizedTest
  @MethodSource("beyond")
  void someSizesExceedEveryLimit(DamageCase damaged) throws IOException {
    assertTooLarge(damaged, DEFAULTS);
    assertTooLarge(damaged, UNLIMITED);
  }

  private void assertTooLarge(DamageCase damaged, ReaderOptions options) throws IOException {
    put(damaged.content());
    for (ReadingWay way : ReadingWay.values()) {
      List<byte[]> records = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(file, options)) {
        assertThatExceptionOfType(ChunkTooLargeException.class)
            .as(way.name())
            .isThrownBy(() -> way.read(reader, records::add))
            .withMessageContaining(file.toString())
            .withMessageContaining("byte " + damaged.position() + ":")
            .satisfies(e -> {
              assertThat(e.position()).isEqualTo(damaged.position());
              assertThat(e.limit()).isEqualTo(options.maxChunkSize());
              assertThat(Long.compareUnsigned(e.size(), e.limit())).isPositive();
              assertThat(e.path()).contains(file);
            });
      }
      if (way.isOrdered()) {
        SampleRecords.assertSame(records, DamageCase.recordsBefore());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("unsupported")
  void whatIsNotSupportedIsNamed(DamageCase damaged) throws IOException {
    put(damaged.content());
    for (ReadingWay way : ReadingWay.values()) {
      List<byte[]> records = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(file)) {
        assertThatExceptionOfType(UnsupportedFormatException.class)
            .as(way.name())
            .isThrownBy(() -> way.read(reader, records::add))
            .withMessageContaining(file.toString())
            .withMessageContaining("byte " + damaged.position() + ":")
            .satisfies(e -> assertThat(e.position()).isEqualTo(damaged.position()));
      }
      if (way.isOrdered()) {
        SampleRecords.assertSame(records, DamageCase.recordsBefore());
      }
    }
  }

  /** What is honest about its size is refused where that is too large, before it is decoded. */
  @Test
  void honestBombsAreChunksThatAreTooLarge() throws IOException {
    WriterOptions riegeli = WriterOptions.defaults().withDialect(Dialect.RIEGELI);
    for (Compression compression :
        List.of(Compression.zstd(), Compression.brotli(), Compression.snappy())) {
      for (boolean transpose : new boolean[] {false, true}) {
        Files.deleteIfExists(file);
        WriterOptions options = riegeli.withCompression(compression).withTranspose(transpose);
        try (RecordWriter writer = RecordWriter.open(file, options)) {
          writer.write(new byte[16 << 20]);
        }
        assertThat(Files.size(file)).isLessThan(1 << 20);
        ReaderOptions limited = DEFAULTS.withMaxChunkSize((16 << 20) + 7);
        try (RecordReader reader = RecordReader.open(file, limited)) {
          assertThatExceptionOfType(ChunkTooLargeException.class)
              .isThrownBy(reader::nextBatch)
              .satisfies(e -> assertThat(e.position()).isEqualTo(SIGNATURE.length));
        }
        SampleRecords.assertSame(ReadingWay.VISIT.read(file), List.of(new byte[16 << 20]));
      }
    }
  }

  /** Headers alone may be intact, or not; they do no harm in either case. */
  @Test
  void headersOfDamagedFilesAreReadOrRefused() throws IOException {
    for (DamageCase damaged : hostile()) {
      put(damaged.content());
      try (RecordReader reader = RecordReader.open(file)) {
        long[] records = new long[1];
        reader.forEachChunk(chunk -> records[0] += chunk.recordCount());
        assertThat(reader.recordCount()).as(damaged.toString()).isGreaterThanOrEqualTo(3);
        assertThat(records[0]).as(damaged.toString()).isEqualTo(reader.recordCount());
      } catch (CorruptFileException e) {
        assertThat(e.position()).as(damaged.toString()).isGreaterThanOrEqualTo(damaged.position());
        assertThat(e.recordsRead()).as(damaged.toString()).isZero();
      } catch (UnsupportedFormatException e) {
        assertThat(e.position()).as(damaged.toString()).isEqualTo(damaged.position());
      }
    }
  }

  /** Record sizes are read too, and so what is wrong with them is found; values are not. */
  @Test
  void descriptionsOfDamagedFilesTellWhereTheyEnd() throws IOException {
    int described = 0;
    for (DamageCase damaged : hostile()) {
      put(damaged.content());
      try (RecordReader reader = RecordReader.open(file)) {
        FileDescription description = reader.describe();
        assertThat(description.recordCount())
            .as(damaged.toString())
            .isEqualTo(reader.recordCount());
        // A chunk that cannot be looked into is left out.
        assertThat(description.recordSizes().count())
            .as(damaged.toString())
            .isBetween(3L, description.recordCount());
        described++;
      } catch (CorruptFileException e) {
        assertThat(e.position()).as(damaged.toString()).isGreaterThanOrEqualTo(damaged.position());
      } catch (ChunkTooLargeException e) {
        assertThat(e.position()).as(damaged.toString()).isEqualTo(damaged.position());
      } catch (UnsupportedFormatException e) {
        assertThat(e.position()).as(damaged.toString()).isEqualTo(damaged.position());
      }
    }
    assertThat(described).isBetween(1, hostile().size() - 1);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void hostileFilesCostLittleMemory() throws Exception {
    List<DamageCase> files = hostile();
    for (int i = 0; i < files.size(); i++) {
      Files.write(directory.resolve(Integer.toString(i)), files.get(i).content());
    }

    String output =
        RecordFileProcess.withOptions("-Xmx32m", "-XX:MaxDirectMemorySize=16m", "-XX:+UseSerialGC")
            .run("read-all", directory);

    List<String> lines = output.lines().toList();
    assertThat(lines.size()).isEqualTo(2 * files.size() + 1);
    assertThat(lines.stream().filter(line -> line.endsWith(" read"))).isEmpty();
    long memory = Long.parseLong(lines.getLast().replace("memory ", ""));
    assertThat(memory).isLessThan(MODEST_MEMORY);
  }

  // What is no record file

  @ParameterizedTest
  @ValueSource(strings = {"", "\0", "text", "\u001f\u008b\b\0", "PAR1", "Obj\u0001", "s"})
  void otherFiles(String beginning) throws IOException {
    for (int size : new int[] {1, 2, 8, 63, 64, 65, 1000, 70_000}) {
      byte[] content = SampleRecords.repetitive(size);
      byte[] bytes = beginning.getBytes(ISO_8859_1);
      System.arraycopy(bytes, 0, content, 0, Math.min(size, bytes.length));
      assertNoRecords(content, Damage.NOT_A_RECORD_FILE, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 30, 64, 1000, 200_000})
  void zeros(int size) throws IOException {
    assertNoRecords(new byte[size], Damage.NOT_A_RECORD_FILE, 0);
  }

  @Test
  void damagedSignatures() throws IOException {
    byte[] intact = RecordFileForge.withSignature().simpleChunk(new byte[9]).bytes();
    for (int i = 0; i < SIGNATURE.length; i++) {
      assertNoRecords(FileDamage.flip(intact, i, 0x10), Damage.NOT_A_RECORD_FILE, i);
    }
  }

  @Test
  void filesThatBeginWithAnotherChunk() throws IOException {
    assertNoRecords(
        new RecordFileForge().simpleChunk(new byte[9]).bytes(), Damage.NOT_A_RECORD_FILE, 16);
    assertNoRecords(new RecordFileForge().paddingChunk(100).bytes(), Damage.NOT_A_RECORD_FILE, 16);
  }

  /** The position is where the signature begins, as for everything that a file ends inside of. */
  @Test
  void signaturesThatAreCutOff() throws IOException {
    for (int size = 1; size < SIGNATURE.length; size++) {
      assertNoRecords(FileDamage.truncate(SIGNATURE, size), Damage.TRUNCATED, 0);
    }
  }

  /** The first 8 bytes differ in their hash only if the sizes behind them do. */
  private void assertNoRecords(byte[] content, Damage damage, long mostPosition)
      throws IOException {
    put(content);
    for (ReadingWay way : ReadingWay.values()) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> way.read(file))
          .withMessageContaining(file.toString())
          .satisfies(e -> {
            assertThat(e.damage()).as(e.getMessage()).isEqualTo(damage);
            assertThat(e.position()).as(e.getMessage()).isBetween(0L, mostPosition);
            assertThat(e.recordsRead()).isZero();
          });
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void filesThatMustNotBeRead() throws Exception {
    put(SIGNATURE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    RecordFileProcess process = RecordFileProcess.withOptions();
    if (Files.isReadable(file)) {
      // The superuser may read everything, unless it gives that power away.
      process = process.startedBy("setpriv", "--bounding-set=-dac_override,-dac_read_search");
      assumeTrue(
          new ProcessBuilder("which", "setpriv").start().waitFor() == 0,
          "SKIPPED: run by the superuser, and there is no setpriv");
    }
    String output = process.run("open", file);
    assumeFalse(output.startsWith("READ done"), "SKIPPED: this user may read every file");

    List<String> lines = output.lines().toList();
    for (int i : new int[] {0, 2, 3}) {
      assertThat(lines.get(i)).contains("AccessDeniedException: " + file);
    }
    assertThat(lines.get(1)).contains("FileAlreadyExistsException: " + file);
  }

  // Files that end too early

  private static byte[] smallFile(ZstdDialect dialect) {
    return RecordFileForge.withSignature()
        .simpleChunk(SampleRecords.lines(3))
        .zstdChunk(dialect, SampleRecords.lines(5))
        .metadataChunk(SampleRecords.random(20))
        .paddingChunk(30)
        .zstdChunk(dialect, SampleRecords.ofSizes(0, 50, 100))
        .simpleChunk()
        .simpleChunk(SampleRecords.lines(1))
        .bytes();
  }

  private static byte[] largeFile() {
    return RecordFileForge.withSignature()
        .simpleChunk(SampleRecords.random(65_000))
        .zstdChunk(ZstdDialect.RIEGELI, SampleRecords.lines(400))
        .simpleChunk(SampleRecords.random(150_000), SampleRecords.random(50))
        .padTo(4 * BlockLayout.BLOCK_SIZE)
        .zstdChunk(ZstdDialect.DISKY, SampleRecords.random(100_000))
        .simpleChunk(SampleRecords.lines(1))
        .bytes();
  }

  @ParameterizedTest
  @EnumSource
  void smallFilesCutOffAnywhere(ZstdDialect dialect) throws IOException {
    byte[] content = smallFile(dialect);
    assertCutOff(content, IntStream.rangeClosed(SIGNATURE.length, content.length));
  }

  @Test
  void largeFilesCutOffAroundEveryStructure() throws IOException {
    byte[] content = largeFile();
    IntStream boundaries =
        IntStream.concat(
            IntStream.rangeClosed(1, 5).map(block -> block * BlockLayout.BLOCK_SIZE),
            OracleReader.parse(content).chunks().stream().mapToInt(chunk -> (int) chunk.end()));
    assertCutOff(
        content,
        boundaries
            .flatMap(boundary -> IntStream.rangeClosed(boundary - 70, boundary + 70))
            .filter(length -> length > SIGNATURE.length && length <= content.length)
            .distinct());
  }

  private void assertCutOff(byte[] content, IntStream lengths) throws IOException {
    List<OracleReader.Chunk> chunks = OracleReader.parse(content).chunks();
    List<byte[]> all = OracleReader.parse(content).records();
    for (int length : lengths.toArray()) {
      byte[] cut = FileDamage.truncate(content, length);
      put(cut);
      List<OracleReader.Chunk> whole =
          chunks.stream().takeWhile(chunk -> chunk.end() <= length).toList();
      long position = whole.getLast().end();
      int records = (int) whole.stream().mapToLong(OracleReader.Chunk::records).sum();
      List<byte[]> read = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(file)) {
        ReadingWay.NEXT_BATCH.read(reader, read::add);
        assertThat(length).as("where nothing is cut off").isEqualTo(position);
      } catch (CorruptFileException e) {
        assertThat(e.damage()).as(e.getMessage()).isEqualTo(Damage.TRUNCATED);
        assertThat(e.position()).as(e.getMessage()).isEqualTo(position);
        assertThat(e.recordsRead()).isEqualTo(records);
        assertThat(length).isGreaterThan((int) position);
      }
      SampleRecords.assertSame(read, all.subList(0, records));
      assertContinuedOrRefused(cut, position, read);
    }
  }

  private void assertContinuedOrRefused(byte[] cut, long position, List<byte[]> records)
      throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      assertThat(position).as("a whole file").isEqualTo(cut.length);
      writer.write(new byte[] {7});
    } catch (CorruptFileException e) {
      assertThat(e.damage()).as(e.getMessage()).isEqualTo(Damage.TRUNCATED);
      assertThat(e.position()).as(e.getMessage()).isEqualTo(position);
      assertThat(e.recordsRead()).isZero();
      assertThat(position).as("a torn file").isLessThan(cut.length);
      assertThat(Arrays.equals(Files.readAllBytes(file), cut)).as("left as it is").isTrue();
      return;
    }
    List<byte[]> expected = SampleRecords.concatenate(records, List.of(new byte[] {7}));
    SampleRecords.assertSame(OracleReader.read(file).records(), expected);
  }

  /** A writer that died before it wrote them all leaves a file whose records are whole. */
  @Test
  void paddingThatIsCutOff() throws IOException {
    List<byte[]> records = Collections.nCopies(70_000, new byte[0]);
    byte[] content =
        RecordFileForge.withSignature().zstdChunk(ZstdDialect.RIEGELI, records).bytes();
    assertThat(content.length).isGreaterThan(70_000);
    int[] lengths = {200, 5000, 65_535, 65_536, 65_537, 65_560, 65_561, 65_600, 70_000};
    for (int length : lengths) {
      byte[] cut = FileDamage.truncate(content, length);
      put(cut);
      SampleRecords.assertSame(ReadingWay.NEXT_BATCH.read(file), records);

      WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
      try (RecordWriter writer = RecordWriter.open(file, options)) {
        assertThat(writer.fileSize()).as("cut at %d", length).isEqualTo(content.length);
        writer.write(new byte[] {7});
      }
      SampleRecords.assertSame(
          OracleReader.read(file).records(),
          SampleRecords.concatenate(records, List.of(new byte[] {7})));
    }
  }

  // Files one after the other

  @Test
  void wholeBlocksMayFollowEachOther() throws IOException {
    byte[] first =
        RecordFileForge.withSignature().simpleChunk(new byte[] {1}).padToBlockEnd().bytes();
    byte[] second =
        RecordFileForge.withSignature()
            .zstdChunk(ZstdDialect.RIEGELI, SampleRecords.ofSizes(100_000, 5))
            .padToBlockEnd()
            .bytes();
    byte[] third = RecordFileForge.withSignature().simpleChunk(new byte[] {3}).bytes();
    byte[] empty = RecordFileForge.withSignature().padToBlockEnd().bytes();
    put(FileDamage.concatenate(first, empty, second, first, third));

    List<byte[]> expected = new ArrayList<>();
    expected.add(new byte[] {1});
    expected.addAll(SampleRecords.ofSizes(100_000, 5));
    expected.addAll(List.of(new byte[] {1}, new byte[] {3}));
    for (ReadingWay way : ReadingWay.values()) {
      SampleRecords.assertSame(way.read(file), expected);
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.recordCount()).isEqualTo(5);
      assertThat(reader.describe().chunks()).containsEntry(ChunkType.SIGNATURE, 5L);
    }
  }

  @Test
  void concatenationsSayWhatToDo() throws IOException {
    byte[] one = RecordFileForge.withSignature().simpleChunk(new byte[] {1}).bytes();
    put(FileDamage.concatenate(one, one));

    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> ReadingWay.ITERATION.read(file))
        .withMessageContaining("concatenated")
        .withMessageContaining("65536")
        .satisfies(e -> {
          assertThat(e.damage()).isEqualTo(Damage.MISPLACED_SIGNATURE);
          assertThat(e.position()).isEqualTo(one.length);
          assertThat(e.recordsRead()).isEqualTo(1);
        });
  }

  // Continuing what is damaged

  @Test
  void damagedTailsAreNotContinued() throws IOException {
    byte[] content = largeFile();
    List<OracleReader.Chunk> chunks = OracleReader.parse(content).chunks();
    long last = chunks.getLast().begin();
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      int at = (int) (last + random.nextInt((int) (content.length - last)));
      byte[] damaged = FileDamage.flip(content, at, 1 << random.nextInt(8));
      put(damaged);
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> RecordWriter.open(file, options))
          .withMessageContaining("cannot be continued")
          .satisfies(e -> assertThat(e.position()).isEqualTo(last));
      assertThat(Arrays.equals(Files.readAllBytes(file), damaged)).isTrue();
    }
  }

  /** What was in a file before stays in it, whatever is wrong with that. */
  @Test
  void damagedFilesAreContinuedOrLeftAlone() throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    for (DamageCase damaged : hostile()) {
      byte[] content = damaged.content();
      put(content);
      try (RecordWriter writer = RecordWriter.open(file, options)) {
        assertThat(writer.fileSize()).as(damaged.toString()).isEqualTo(content.length);
        writer.write(new byte[] {7});
      } catch (CorruptFileException e) {
        assertThat(Files.size(file)).as(damaged.toString()).isEqualTo(content.length);
        assertThat(e.recordsRead()).isZero();
      } catch (ChunkTooLargeException e) {
        assertThat(Files.size(file)).as(damaged.toString()).isEqualTo(content.length);
      }
      assertThat(Files.readAllBytes(file)).as(damaged.toString()).startsWith(content);
    }
  }

  /** The end of a file is where it is continued, so that is what must be intact. */
  @ParameterizedTest
  @ValueSource(ints = {1, 24, 39, 40, 1000, 70_000})
  void junkAtTheEndIsNotContinued(int size) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    RecordFileForge forge = RecordFileForge.withSignature().simpleChunk(SampleRecords.lines(9));
    long position = forge.position();
    for (byte[] junk : List.of(new byte[size], SampleRecords.random(size))) {
      byte[] content = FileDamage.concatenate(forge.bytes(), junk);
      put(content);
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> RecordWriter.open(file, options))
          .satisfies(e -> assertThat(e.position()).isBetween(position, (long) content.length));
      assertThat(file).hasBinaryContent(content);
    }
  }
}

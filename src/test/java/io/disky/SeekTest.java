package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.oracle.GoldenManifest;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Positions, going to them, searching, and reading parts of a file. */
class SeekTest {
  private static final ReaderOptions RECOVER =
      ReaderOptions.defaults()
          .withCorruptionStrategy(CorruptionStrategy.RECOVER)
          .withSkippedRegionListener(_ -> {});

  private static final long SEED = 20_261_122;

  @TempDir private Path directory;

  /** A record and where it is. */
  private record Placed(RecordPosition position, byte[] bytes) {
    ByteBuffer comparable() {
      return ByteBuffer.wrap(bytes);
    }
  }

  static List<Path> goldenFiles() {
    return GoldenManifest.all().stream().flatMap(entry -> entry.files().stream()).toList();
  }

  private static List<Placed> readAll(RecordReader reader) {
    List<Placed> records = new ArrayList<>();
    for (MemorySegment record : reader) {
      records.add(new Placed(reader.lastPosition(), record.toArray(ValueLayout.JAVA_BYTE)));
    }
    return records;
  }

  private static byte @Nullable [] next(RecordReader reader) {
    return reader.stream()
        .map(record -> record.toArray(ValueLayout.JAVA_BYTE))
        .findFirst()
        .orElse(null);
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void everyRecordIsFoundByItsPosition(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        RecordReader batches = RecordReader.open(file)) {
      List<Placed> records = readAll(reader);
      assertThat(reader.position()).isEqualTo(new RecordPosition(reader.fileSize(), 0));
      List<RecordPosition> ofBatches = new ArrayList<>();
      batches.visitBatches(batch -> {
        for (int i = 0; i < batch.recordCount(); i++) {
          ofBatches.add(batch.position(i));
        }
      });
      assertThat(records).extracting(Placed::position).isEqualTo(ofBatches).isSorted();

      List<Placed> some = new ArrayList<>(records);
      System.out.println("seed " + SEED);
      Collections.shuffle(some, new Random(SEED));
      for (Placed record : some.subList(0, Math.min(300, some.size()))) {
        reader.seek(record.position());
        assertThat(next(reader)).isEqualTo(record.bytes());
        assertThat(reader.lastPosition()).isEqualTo(record.position());
        reader.seekNumeric(record.position().numeric());
        assertThat(reader.position()).isLessThanOrEqualTo(record.position());
        assertThat(next(reader)).isEqualTo(record.bytes());
        assertThat(reader.lastPosition()).isEqualTo(record.position());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void anyNumberMeansTheNextRecord(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      List<Placed> records = readAll(reader);
      long step = Math.max(1, reader.fileSize() / 200);
      for (long number = 0; number <= reader.fileSize() + step; number += step) {
        reader.seekNumeric(number);
        byte[] found = next(reader);
        long sought = number;
        Placed expected =
            records.stream()
                .filter(record -> record.position().numeric() >= sought)
                .findFirst()
                .orElse(null);
        assertThat(found).as("%s", number).isEqualTo(expected == null ? null : expected.bytes());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void anOffsetMeansTheNextChunk(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      List<Placed> records = readAll(reader);
      long step = Math.max(1, reader.fileSize() / 200);
      for (long offset = 0; offset <= reader.fileSize() + step; offset += step) {
        reader.seekToOffset(offset);
        byte[] found = next(reader);
        long sought = offset;
        Placed expected =
            records.stream()
                .filter(record -> record.position().chunkBegin() >= sought)
                .findFirst()
                .orElse(null);
        assertThat(found).as("%s", offset).isEqualTo(expected == null ? null : expected.bytes());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void backwards(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      List<Placed> records = readAll(reader);
      List<Placed> last = records.subList(Math.max(0, records.size() - 200), records.size());
      for (Placed record : last.reversed()) {
        assertThat(reader.seekBack()).isTrue();
        assertThat(next(reader)).isEqualTo(record.bytes());
        assertThat(reader.seekBack()).isTrue();
      }
      reader.seek(RecordPosition.START);
      assertThat(reader.seekBack()).isFalse();
      assertThat(next(reader)).isEqualTo(records.isEmpty() ? null : records.getFirst().bytes());
    }
  }

  /** Two parts, divided at many places, and many parts. */
  @ParameterizedTest
  @MethodSource("goldenFiles")
  void adjoiningRangesGiveEachRecordOnce(Path file) throws IOException {
    List<Placed> whole;
    try (RecordReader reader = RecordReader.open(file)) {
      whole = readAll(reader);
    }
    long size = Files.size(file);
    for (long part : new long[] {size / 3 + 1, 100_000, Math.max(1000, size / 100)}) {
      List<Placed> parts = new ArrayList<>();
      long counted = 0;
      for (long begin = 0; begin < size; begin += part) {
        ReaderOptions options = ReaderOptions.defaults().withRange(begin, begin + part);
        try (RecordReader reader = RecordReader.open(file, options)) {
          assertThat(reader.position()).isEqualTo(new RecordPosition(begin, 0));
          counted += reader.recordCount();
          parts.addAll(readAll(reader));
          reader.seek(new RecordPosition(begin, 0));
          counted -= readAll(reader).size();
        }
      }
      assertThat(counted).isZero();
      assertThat(parts)
          .extracting(Placed::position)
          .isEqualTo(whole.stream().map(Placed::position).toList());
      assertThat(parts)
          .extracting(Placed::comparable)
          .isEqualTo(whole.stream().map(Placed::comparable).toList());
    }
  }

  /** Sorted numbers with gaps and repetitions, in chunks of changing size. */
  private Path sorted(List<Integer> numbers, Compression compression) throws IOException {
    Path file = directory.resolve("sorted");
    WriterOptions options =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(compression)
            .withChunkSize(600);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int number : numbers) {
        writer.write("%08d%s".formatted(number, "x".repeat(number % 50)).getBytes(UTF_8));
      }
    }
    return file;
  }

  private static int number(MemorySegment record) {
    byte[] digits = record.asSlice(0, 8).toArray(ValueLayout.JAVA_BYTE);
    return Integer.parseInt(new String(digits, UTF_8));
  }

  @Test
  void searchFindsTheFirstOfEqualRecords() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      for (int repeated = 0; repeated < 1 + i % 7 * (i % 3); repeated++) {
        numbers.add(3 * i);
      }
    }
    try (RecordReader reader = RecordReader.open(sorted(numbers, Compression.zstd(3)))) {
      List<Placed> records = readAll(reader);
      for (int sought = -1; sought < 6005; sought += 2) {
        int target = sought;
        boolean found = reader.search(record -> Integer.compare(number(record), target));
        assertThat(found).as("%s", sought).isEqualTo(numbers.contains(sought));
        int index = (int) numbers.stream().takeWhile(number -> number < target).count();
        byte[] expected = index == records.size() ? null : records.get(index).bytes();
        assertThat(next(reader)).as("%s", sought).isEqualTo(expected);
        if (expected != null) {
          assertThat(reader.lastPosition()).isEqualTo(records.get(index).position());
        }
      }
    }
  }

  @Test
  void searchInARange() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      numbers.add(i);
    }
    Path file = sorted(numbers, Compression.none());
    long size = Files.size(file);
    ReaderOptions options = ReaderOptions.defaults().withRange(size / 3, size / 2);
    try (RecordReader reader = RecordReader.open(file, options)) {
      List<Placed> part = readAll(reader);
      int first = number(MemorySegment.ofArray(part.getFirst().bytes()));
      int last = number(MemorySegment.ofArray(part.getLast().bytes()));
      for (int sought : new int[] {0, first - 1, first, first + 1, last, last + 1, 2999}) {
        boolean inside = first <= sought && sought <= last;
        assertThat(reader.search(record -> Integer.compare(number(record), sought)))
            .as("%s of %s to %s", sought, first, last)
            .isEqualTo(inside);
        byte[] expected = sought > last ? null : part.get(Math.max(0, sought - first)).bytes();
        assertThat(next(reader)).isEqualTo(expected);
      }
    }
  }

  /** As many chunks as a binary search takes, not more. */
  @Test
  void searchDecodesFewChunks() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      numbers.add(i);
    }
    Path file = sorted(numbers, Compression.none());
    int[] chunks = {0};
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunk -> chunks[0]++);
    }
    assertThat(chunks[0]).isGreaterThan(1000);
    int[] compared = {0};
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(
              reader.search(record -> {
                compared[0]++;
                return Integer.compare(number(record), 12_345);
              }))
          .isTrue();
    }
    int halvings = 64 - Long.numberOfLeadingZeros(Files.size(file));
    assertThat(compared[0]).isBetween(2, halvings + 10);
  }

  @Test
  void whatASearchThrowsComesOut() throws IOException {
    List<Integer> numbers = List.of(1, 2, 3);
    Path file = sorted(numbers, Compression.none());
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(() ->
              reader.search(record -> {
                throw new InterruptedException("enough");
              }));
      reader.seek(RecordPosition.START);
      assertThat(readAll(reader)).hasSize(3);
      assertThatIllegalStateException()
          .isThrownBy(() ->
              reader.search(record -> {
                reader.close();
                return 0;
              }));
    }
  }

  @Test
  void searchOfNothing() throws IOException {
    try (RecordReader reader = RecordReader.open(sorted(List.of(), Compression.none()))) {
      assertThat(reader.search(record -> 0)).isFalse();
      assertThat(next(reader)).isNull();
    }
  }

  @Test
  void positionsThatCannotBe() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(3), 10, 10);
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatIllegalStateException().isThrownBy(reader::lastPosition);
      NumberedRecords.assertRecord(reader.next(), 0);
      assertThat(reader.position().recordIndex()).isEqualTo(1);
      for (long offset : new long[] {1, 24, Files.size(file) + 1, Long.MAX_VALUE}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> reader.seek(new RecordPosition(offset, 0)))
            .withMessageContaining(String.valueOf(offset));
      }
      assertThatIllegalArgumentException().isThrownBy(() -> reader.seekNumeric(-1));
      assertThatIllegalArgumentException().isThrownBy(() -> reader.seekToOffset(-1));
      // A refusal changes nothing.
      NumberedRecords.assertRecord(reader.next(), 1);

      reader.seek(new RecordPosition(70, 0));
      for (int time = 0; time < 2; time++) {
        assertThatIllegalArgumentException()
            .isThrownBy(reader::nextBatch)
            .withMessageContaining(
                file + ": no chunk begins at byte 70, to which the reader was moved")
            .withMessageContaining("position from another file?");
      }
      RecordPosition inside = new RecordPosition(70, 3);
      assertThatIllegalArgumentException().isThrownBy(() -> reader.seek(inside));
      reader.seek(RecordPosition.START);
      NumberedRecords.assertRest(reader, 0, 99);
      reader.close();
      assertThatIllegalStateException().isThrownBy(() -> reader.seek(RecordPosition.START));
      assertThatIllegalStateException().isThrownBy(reader::position);
    }
  }

  @Test
  void anIndexBehindTheChunkMeansTheNextOne() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 3, 10);
    try (RecordReader reader = RecordReader.open(file)) {
      for (long index : new long[] {10, 11, Long.MAX_VALUE - 64}) {
        reader.seek(new RecordPosition(64, index));
        NumberedRecords.assertRecord(reader.next(), 10);
      }
    }
  }

  @Test
  void aSeekEndsTheRecordBefore() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 3, 10);
    try (RecordReader reader = RecordReader.open(file)) {
      MemorySegment record = reader.next();
      reader.seek(RecordPosition.START);
      assertThatIllegalStateException().isThrownBy(() -> record.get(ValueLayout.JAVA_BYTE, 0));
      assertThatIllegalStateException().isThrownBy(reader::lastPosition);
    }
  }

  /** Whole chunks from where a seek went. */
  @Test
  void batchesFromAPosition() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 3, 10);
    try (RecordReader reader = RecordReader.open(file)) {
      RecordPosition second;
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(batch).isNotNull();
        second = reader.position();
      }
      readAll(reader);
      reader.seek(second);
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(batch).isNotNull();
        NumberedRecords.assertRecords(batch, 10);
        assertThat(batch.position(9).recordIndex()).isEqualTo(9);
      }
    }
  }

  @Test
  void rangesThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReaderOptions.defaults().withRange(-1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> ReaderOptions.defaults().withRange(5, 4));
  }

  @Test
  void anEmptyRange() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 3, 10);
    for (long at : new long[] {0, 64, 1000, Long.MAX_VALUE}) {
      ReaderOptions options = ReaderOptions.defaults().withRange(at, at);
      try (RecordReader reader = RecordReader.open(file, options)) {
        assertThat(reader.recordCount()).isZero();
        assertThat(readAll(reader)).isEmpty();
      }
    }
  }

  /** Each part that is lost is told by one reader, though the other meets it, too. */
  @Test
  void rangesOfADamagedFile() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 40, 200);
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 30_000; at < bytes.length; at += 50_000) {
      bytes[at] ^= 1;
    }
    Files.write(file, bytes);
    ReaderOptions recover =
        ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);
    List<Placed> whole;
    List<SkippedRegion> skipped;
    try (RecordReader reader = RecordReader.open(file, recover)) {
      whole = readAll(reader);
      skipped = reader.skippedRegions();
    }
    assertThat(skipped).hasSizeGreaterThan(3);
    for (long part : new long[] {10_000, 65_536, 99_999}) {
      List<Placed> parts = new ArrayList<>();
      List<SkippedRegion> skippedParts = new ArrayList<>();
      for (long begin = 0; begin < bytes.length; begin += part) {
        ReaderOptions options = recover.withRange(begin, begin + part);
        try (RecordReader reader = RecordReader.open(file, options)) {
          parts.addAll(readAll(reader));
          skippedParts.addAll(reader.skippedRegions());
        }
      }
      assertThat(parts)
          .extracting(Placed::position)
          .isEqualTo(whole.stream().map(Placed::position).toList());
      assertThat(skippedParts)
          .extracting(SkippedRegion::begin)
          .isEqualTo(skipped.stream().map(SkippedRegion::begin).toList());
    }
  }

  /** Of a chunk whose header is damaged nothing is found; what is around it is, from all sides. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 17, 18, 39})
  void damageIsGonePastInEveryDirection(int damaged) throws IOException {
    Path file = directory.resolve("file");
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    List<Long> begins = new ArrayList<>();
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 40; i++) {
        byte[] record = new byte[30_000];
        new Random(i).nextBytes(record);
        writer.write(record);
        writer.flush();
        begins.add(writer.lastPosition().chunkBegin());
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    long end = damaged == 39 ? bytes.length : begins.get(damaged + 1);
    // All of it, so that block headers are, too; and the file signature.
    int begin = damaged == 0 ? 0 : Math.toIntExact(begins.get(damaged));
    Arrays.fill(bytes, begin, (int) end, (byte) 0x5a);
    Files.write(file, bytes);

    try (RecordReader reader = RecordReader.open(file, RECOVER)) {
      List<Placed> records = readAll(reader);
      assertThat(records).hasSize(39);
      for (Placed record : records.reversed()) {
        assertThat(reader.seekBack()).isTrue();
        assertThat(next(reader)).isEqualTo(record.bytes());
        assertThat(reader.lastPosition()).isEqualTo(record.position());
        assertThat(reader.seekBack()).isTrue();
      }
      assertThat(reader.seekBack()).isFalse();

      List<Long> positions = new ArrayList<>();
      for (long position = 0; position < bytes.length + 100; position += 4999) {
        positions.add(position);
      }
      for (long block = 0; block < bytes.length; block += 1 << 16) {
        positions.add(block + 10);
      }
      for (long position : positions) {
        reader.seekNumeric(position);
        RecordPosition expected =
            records.stream()
                .map(Placed::position)
                .filter(found -> found.numeric() >= position)
                .findFirst()
                .orElse(null);
        RecordPosition found = next(reader) == null ? null : reader.lastPosition();
        assertThat(found).as("at %s", position).isEqualTo(expected);
      }
    }
  }

  /** With an intact header, but data that are not. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Timeout(60)
  void seekingBackPassesChunksThatCannotBeRead(int perChunk) throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 20, perChunk);
    byte[] bytes = Files.readAllBytes(file);
    List<Long> begins;
    try (RecordReader reader = RecordReader.open(file)) {
      begins = readAll(reader).stream().map(p -> p.position().chunkBegin()).distinct().toList();
    }
    for (int damaged : new int[] {0, 5, 6, 7, 11, 19}) {
      bytes[Math.toIntExact(begins.get(damaged)) + 42] ^= 1;
    }
    Files.write(file, bytes);
    try (RecordReader reader = RecordReader.open(file, RECOVER)) {
      List<Placed> records = readAll(reader);
      assertThat(records).hasSize(14 * perChunk);
      for (Placed record : records.reversed()) {
        assertThat(reader.seekBack()).isTrue();
        assertThat(reader.position()).isEqualTo(record.position());
      }
      assertThat(reader.seekBack()).isFalse();
      assertThat(next(reader)).isEqualTo(records.getFirst().bytes());
    }
  }

  /** Where a block begins with a chunk, its header is before that of the chunk. */
  @Test
  void seekingBackPassesDamagedBlockHeaders() throws IOException {
    Path file = directory.resolve("file");
    WriterOptions options =
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withFinalPadding(1 << 16);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 9; i++) {
        writer.write(NumberedRecords.record(i));
        writer.flush();
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int block : new int[] {2, 3, 8}) {
      bytes[block << 16] ^= 1;
    }
    Files.write(file, bytes);
    try (RecordReader reader = RecordReader.open(file, RECOVER)) {
      List<Placed> records = readAll(reader);
      assertThat(records).hasSize(9);
      for (Placed record : records.reversed()) {
        assertThat(reader.seekBack()).isTrue();
        assertThat(reader.position()).isEqualTo(record.position());
      }
      assertThat(reader.seekBack()).isFalse();
    }
  }

  static List<WriterOptions> waysToWrite() {
    WriterOptions options = WriterOptions.defaults().withChunkSize(3000);
    WriterOptions riegeli = options.withDialect(Dialect.RIEGELI);
    return List.of(
        options,
        options.withParallelism(2),
        riegeli.withTranspose(true),
        riegeli.withPadding(4096),
        riegeli.withContainer(Container.ARRAY_RECORD).withGroupSize(7),
        riegeli
            .withContainer(Container.ARRAY_RECORD)
            .withGroupSize(1)
            .withFinalPadding(65536)
            .withParallelism(2));
  }

  /** The writer knows where each record will be. */
  @ParameterizedTest
  @MethodSource("waysToWrite")
  void positionsOfTheWriter(WriterOptions options) throws IOException {
    Path file = directory.resolve("written");
    List<RecordPosition> positions = new ArrayList<>();
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      assertThatIllegalStateException().isThrownBy(writer::lastPosition);
      for (int i = 0; i < 490; i++) {
        writer.write(NumberedRecords.record(i));
        if (i % 5 == 0) {
          positions.add(writer.lastPosition());
        }
        if (i % 70 == 69) {
          writer.flush();
          assertThat(writer.lastPosition()).isEqualTo(writer.lastPosition());
          positions.add(writer.lastPosition());
        }
      }
    }
    int number = 0;
    try (RecordReader reader = RecordReader.open(file)) {
      int next = 0;
      for (MemorySegment record : reader) {
        NumberedRecords.assertRecord(record, number);
        if (number % 5 == 0) {
          assertThat(reader.lastPosition()).isEqualTo(positions.get(next++));
        }
        if (number % 70 == 69) {
          assertThat(reader.lastPosition()).isEqualTo(positions.get(next++));
        }
        number++;
      }
      assertThat(number).isEqualTo(490);
      assertThat(next).isEqualTo(positions.size());
    }
  }

  /** An appended file goes on where it ended. */
  @Test
  void positionsOfAWriterThatAppends() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 3, 10);
    WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    RecordPosition position;
    try (RecordWriter writer = RecordWriter.open(file, append)) {
      writer.write(NumberedRecords.record(30));
      position = writer.lastPosition();
    }
    try (RecordReader reader = RecordReader.open(file)) {
      reader.seek(position);
      NumberedRecords.assertRecord(reader.next(), 30);
    }
  }
}

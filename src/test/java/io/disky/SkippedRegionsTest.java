package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.FileDamage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a reader that recovers tells what it skipped, and what it still throws. */
class SkippedRegionsTest {
  private static final ReaderOptions RECOVER =
      ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);

  @TempDir private Path directory;
  private Path file;

  /** Where the chunks of {@link #writeDamaged} begin, the file signature and the end included. */
  private final List<Long> begins = new ArrayList<>();

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  /**
   * Writes chunks of a record each, its number as text. The header of every chunk whose number
   * leaves {@code rest} if divided by {@code divisor} is damaged, or its data.
   */
  private void writeDamaged(int chunks, int divisor, int rest, boolean header) throws IOException {
    RecordFileForge forge = new RecordFileForge();
    begins.add(forge.position());
    forge.chunk(ForgedChunk.signature());
    for (int i = 0; i < chunks; i++) {
      begins.add(forge.position());
      ForgedChunk chunk = ForgedChunk.simple(List.of(record(i)));
      boolean damaged = i % divisor == rest;
      forge.chunk(
          !damaged ? chunk : header ? chunk.withWrongHeaderHash() : chunk.withWrongDataHash());
    }
    begins.add(forge.position());
    Files.write(file, forge.bytes());
  }

  private static byte[] record(int number) {
    return SampleRecords.lines(number + 1).get(number);
  }

  /** The region of the chunk with this number. */
  private SkippedRegion region(int chunk, Damage damage, boolean scanned, SkippedRegion like) {
    return new SkippedRegion(
        begins.get(chunk + 1), begins.get(chunk + 2), Optional.of(damage), like.reason(), scanned);
  }

  private static List<byte[]> recordsBut(int count, int... lost) {
    List<byte[]> records = new ArrayList<>(SampleRecords.lines(count));
    for (int i = lost.length - 1; i >= 0; i--) {
      records.remove(lost[i]);
    }
    return records;
  }

  @ParameterizedTest
  @EnumSource
  void everyWayToReadGivesTheSameRecordsAndRegions(ReadingWay way) throws IOException {
    writeDamaged(10, 4, 1, false);
    List<SkippedRegion> told = new ArrayList<>();
    List<byte[]> records = new ArrayList<>();

    try (RecordReader reader =
        RecordReader.open(file, RECOVER.withSkippedRegionListener(told::add))) {
      way.read(reader, records::add);

      SampleRecords.assertSame(records, recordsBut(10, 1, 5, 9));
      assertThat(reader.skippedRegions())
          .isEqualTo(told)
          .containsExactly(
              region(1, Damage.DATA_HASH, false, told.get(0)),
              region(5, Damage.DATA_HASH, false, told.get(1)),
              region(9, Damage.DATA_HASH, false, told.get(2)));
      assertThat(told.getFirst().reason()).startsWith("byte " + begins.get(2) + ": ");
      assertThat(told.getFirst().size()).isEqualTo(begins.get(3) - begins.get(2));
    }
  }

  @Test
  void whatOnlyASearchFindsIsMarkedAndCanBeLeftOut() throws IOException {
    writeDamaged(6, 6, 2, true);
    try (RecordReader reader = RecordReader.open(file, RECOVER);
        LogCapture log = new LogCapture()) {
      List<Boolean> scanned = new ArrayList<>();
      reader.visitBatches(batch -> scanned.add(batch.isScanned()));
      assertThat(scanned).containsExactly(false, false, true, true, true);
      assertThat(reader.skippedRegions())
          .containsExactly(
              region(2, Damage.CHUNK_HEADER, true, reader.skippedRegions().getFirst()));
      assertThat(log.messages("were skipped").size()).isEqualTo(1);
    }
    List<SkippedRegion> told = new ArrayList<>();
    List<byte[]> records = new ArrayList<>();
    ReaderOptions options = RECOVER.withSkippedRegionListener(told::add).withScan(false);
    try (RecordReader reader = RecordReader.open(file, options)) {
      ReadingWay.VISIT.read(reader, records::add);
    }
    SampleRecords.assertSame(records, SampleRecords.lines(2));
    assertThat(told.size()).isEqualTo(1);
    assertThat(told.getFirst().begin()).isEqualTo(begins.get(3));
    assertThat(told.getFirst().end()).isEqualTo(begins.getLast());
    assertThat(told.getFirst().scanned()).isFalse();
  }

  @Test
  void batchesInAnArenaAndCopiesSayWhetherTheyWereSearchedFor() throws IOException {
    writeDamaged(3, 3, 0, true);
    try (Arena arena = Arena.ofConfined();
        RecordReader reader = RecordReader.open(file, RECOVER.withSkippedRegionListener(_ -> {}))) {
      assertThat(reader.iterator().hasNext()).isTrue();
      assertThat(reader.nextBatch(arena).isScanned()).isTrue();
      assertThat(reader.nextBatch(arena).isScanned()).isTrue();
      assertThat(reader.nextBatch(arena)).isNull();
    }
  }

  @Test
  void regionsAreThereWhenTheBatchBehindThemIs() throws IOException {
    writeDamaged(5, 2, 1, false);
    RecordReader reader = RecordReader.open(file, RECOVER.withSkippedRegionListener(_ -> {}));
    try (reader) {
      assertThat(reader.skippedRegions()).isEmpty();
      next(reader);
      assertThat(reader.skippedRegions()).isEmpty();
      next(reader);
      List<SkippedRegion> first = reader.skippedRegions();
      assertThat(first.size()).isEqualTo(1);
      next(reader);
      assertThat(first.size()).as("a list that was handed out").isEqualTo(1);
      assertThat(reader.skippedRegions().size()).isEqualTo(2);
      assertThatThrownBy(() -> first.add(first.getFirst()))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThat(reader.nextBatch()).isNull();
    }
    assertThat(reader.skippedRegions().size()).isEqualTo(2);
  }

  private static void next(RecordReader reader) throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      assertThat(batch).isNotNull();
    }
  }

  @Test
  void otherThreadsMayAskForRegions() throws Exception {
    writeDamaged(4, 2, 1, false);
    try (WorkerThread other = new WorkerThread()) {
      RecordReader reader = RecordReader.open(file, RECOVER.withSkippedRegionListener(_ -> {}));
      try (reader) {
        reader.stream().forEach(_ -> {});
        assertThat(other.call(reader::skippedRegions)).isEqualTo(reader.skippedRegions());
      }
      assertThat(other.call(reader::skippedRegions).size()).isEqualTo(2);
    }
  }

  @Test
  void theListenerIsCalledInOrderByTheThreadThatReads() throws IOException {
    writeDamaged(5, 2, 0, false);
    List<String> events = new ArrayList<>();
    Thread reading = Thread.currentThread();
    ReaderOptions options =
        RECOVER.withSkippedRegionListener(region -> {
          assertThat(Thread.currentThread()).isSameAs(reading);
          events.add("skipped " + region.begin());
        });
    try (RecordReader reader = RecordReader.open(file, options)) {
      reader.visitBatches(batch -> events.add("read " + batch.chunkBegin()));
    }
    assertThat(events)
        .containsExactly(
            "skipped " + begins.get(1),
            "read " + begins.get(2),
            "skipped " + begins.get(3),
            "read " + begins.get(4),
            "skipped " + begins.get(5));
  }

  @Test
  void whatTheListenerThrowsComesOutAndCostsNoChunk() throws IOException {
    writeDamaged(6, 2, 1, false);
    List<SkippedRegion> told = new ArrayList<>();
    ReaderOptions options =
        RECOVER.withSkippedRegionListener(region -> {
          told.add(region);
          if (told.size() == 1) {
            throw new IllegalArgumentException("not this file");
          }
        });
    try (RecordReader reader = RecordReader.open(file, options)) {
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(text(records.next())).isEqualTo("line 0");
      assertThatThrownBy(records::next)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("not this file");
      assertThat(text(records.next())).isEqualTo("line 2");
      assertThat(text(records.next())).isEqualTo("line 4");
      assertThat(records.hasNext()).isFalse();
      assertThat(reader.skippedRegions()).isEqualTo(told);
      assertThat(told.size()).isEqualTo(3);
    }
  }

  private static String text(MemorySegment record) {
    return new String(record.toArray(ValueLayout.JAVA_BYTE), UTF_8);
  }

  @Test
  void aRuinKeepsAndLogsABoundedNumber() throws IOException {
    int regions = 10_050;
    RecordFileForge forge = RecordFileForge.withSignature();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < regions; i++) {
      ends.add(
          forge.chunk(ForgedChunk.simple(List.of(new byte[1])).withWrongDataHash()).position());
      forge.simpleChunk(new byte[2]);
    }
    Files.write(file, forge.bytes());
    try (LogCapture log = new LogCapture();
        RecordReader reader = RecordReader.open(file, RECOVER)) {
      long records = reader.stream().count();

      assertThat(records).isEqualTo(regions);
      List<SkippedRegion> kept = reader.skippedRegions();
      assertThat(kept.size()).isEqualTo(10_000);
      assertThat(kept.stream().map(SkippedRegion::end).toList().subList(0, 9_999))
          .isEqualTo(ends.subList(0, 9_999));
      assertThat(kept.getLast().begin()).isBetween(ends.get(9_998), ends.get(9_999));
      assertThat(kept.getLast().end()).isEqualTo(ends.getLast());
      assertThat(log.messages("were skipped").size()).isEqualTo(100);
      assertThat(log.messages("").size()).isEqualTo(101);
      assertThat(log.messages("").getLast())
          .isEqualTo("WARNING: " + file + ": further skipped regions are not logged");
    }
    List<SkippedRegion> told = new ArrayList<>();
    try (RecordReader reader =
        RecordReader.open(file, RECOVER.withSkippedRegionListener(told::add))) {
      reader.stream().forEach(_ -> {});
    }
    assertThat(told.stream().map(SkippedRegion::end).toList()).isEqualTo(ends);
  }

  @Test
  void withoutAListenerRegionsAreLogged() throws IOException {
    writeDamaged(3, 3, 1, false);
    try (LogCapture log = new LogCapture();
        RecordReader reader = RecordReader.open(file, RECOVER)) {
      reader.stream().forEach(_ -> {});
      SkippedRegion region = reader.skippedRegions().getFirst();
      assertThat(log.messages(""))
          .containsExactly(
              "WARNING: %s: bytes %d to %d were skipped: %s"
                  .formatted(file, region.begin(), region.end(), region.reason()));
      assertThat(region.reason()).contains("hash").doesNotContain(file.toString());
    }
    try (LogCapture log = new LogCapture();
        RecordReader reader = RecordReader.open(file, RECOVER.withSkippedRegionListener(_ -> {}))) {
      reader.stream().forEach(_ -> {});
      assertThat(log.messages("")).isEmpty();
    }
  }

  @Test
  void whatOnlyDecodingShowsAndUnknownTypesAreSkipped() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature();
    forge.simpleChunk(record(0));
    long lying = forge.position();
    forge.chunk(ForgedChunk.simple(List.of(record(1))).withDecodedSize(3));
    forge.simpleChunk(record(2));
    long unknown = forge.position();
    forge.chunk(ForgedChunk.of('X', new byte[10], 1, 1)).simpleChunk(record(3));
    Files.write(file, forge.bytes());
    List<SkippedRegion> told = new ArrayList<>();
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader =
        RecordReader.open(file, RECOVER.withSkippedRegionListener(told::add))) {
      ReadingWay.ITERATION.read(reader, records::add);
    }
    SampleRecords.assertSame(records, List.of(record(0), record(2), record(3)));
    assertThat(told.stream().map(SkippedRegion::begin)).containsExactly(lying, unknown);
    assertThat(told.get(0).damage()).contains(Damage.RECORD_SIZES);
    assertThat(told.get(1).damage()).isEmpty();
    assertThat(told.get(1).reason()).contains("0x58");
  }

  @Test
  void anIntactChunkThatIsTooLargeIsStillAnError() throws IOException {
    byte[] large = SampleRecords.random(5000);
    RecordFileForge forge = RecordFileForge.withSignature();
    forge.simpleChunk(record(0)).chunk(ForgedChunk.simple(List.of(large)).withWrongDataHash());
    long begin = forge.position();
    forge.simpleChunk(large).simpleChunk(record(1));
    Files.write(file, forge.bytes());
    ReaderOptions options = RECOVER.withMaxChunkSize(1000).withSkippedRegionListener(_ -> {});
    try (RecordReader reader = RecordReader.open(file, options)) {
      next(reader);
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(ChunkTooLargeException.class)
            .isThrownBy(reader::nextBatch)
            .withMessageContaining("byte " + begin);
      }
      assertThat(reader.skippedRegions().stream().map(SkippedRegion::end))
          .as("a damaged chunk is skipped, however large it says to be")
          .allMatch(end -> end == begin);
    }
  }

  @Test
  void filesThatCannotBeReadAreStillErrors() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RecordReader.open(file, RECOVER).close());
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordReader.open(directory, RECOVER).close());
  }

  @Test
  void aFileOfAnotherKindHasNoRecords() throws IOException {
    Files.write(file, SampleRecords.repetitive(300_000));
    List<SkippedRegion> told = new ArrayList<>();
    try (RecordReader reader =
        RecordReader.open(file, RECOVER.withSkippedRegionListener(told::add))) {
      assertThat(reader.nextBatch()).isNull();
    }
    assertThat(told.getFirst().begin()).isZero();
    assertThat(told.getFirst().damage()).contains(Damage.NOT_A_RECORD_FILE);
    assertThat(told.getLast().end()).isEqualTo(300_000);
  }

  @Test
  void figuresOfTheWholeFileDoNotRecover() throws IOException {
    writeDamaged(4, 4, 2, true);
    try (RecordReader reader =
        RecordReader.open(file, RECOVER.withSkippedRegionListener(_ -> {}))) {
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::recordCount);
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.forEachChunk(_ -> {}));
      assertThat(reader.stream().count()).isEqualTo(3);
    }
    Files.write(file, FileDamage.flip(Files.readAllBytes(file), 3));
    try (RecordReader reader = RecordReader.open(file, RECOVER)) {
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::metadata);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::describe);
    }
  }
}

package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.testing.NumberedRecords.assertRecord;
import static io.disky.testing.NumberedRecords.assertRecords;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.lifetime.GarbageCollection;
import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What is forgotten is collected; what is still held stays valid. */
@ParameterizedClass
@ValueSource(strings = {"none", "zstd"})
class ForgottenLifetimeTest {
  private static final int CHUNKS = 30;
  private static final int PER_CHUNK = 20;

  @Parameter Compression compression;
  @TempDir private Path directory;
  private Path file;
  private LogCapture log;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), compression, CHUNKS, PER_CHUNK);
    log = new LogCapture();
  }

  @AfterEach
  void tearDown() {
    log.close();
  }

  /** Something of a reader, and the reader, which nothing else refers to. */
  private record Held<T>(T held, WeakReference<RecordReader> reader) {
    private void close() {
      RecordReader found = reader.get();
      if (found != null) {
        found.close();
      }
    }

    private boolean readerIsCollected() throws InterruptedException {
      return GarbageCollection.clears(reader);
    }
  }

  private interface Taking<T> {
    T from(RecordReader reader) throws IOException;
  }

  private <T> Held<T> forgetAllBut(Taking<T> taking) throws IOException {
    RecordReader reader = RecordReader.open(file);
    return new Held<>(taking.from(reader), new WeakReference<>(reader));
  }

  private boolean isReported(Path path) throws InterruptedException {
    return GarbageCollection.leadsTo(() -> !log.messages(path.toString()).isEmpty());
  }

  @Test
  void recordOfIterationOutlivesItsReader() throws Exception {
    Held<MemorySegment> held = forgetAllBut(reader -> next(reader.iterator(), 1));

    assertThat(held.readerIsCollected()).isTrue();
    assertThat(isReported(file)).isTrue();
    useMemory();
    assertRecord(held.held(), 0);
  }

  @Test
  void recordBehindTheFirstChunkOutlivesItsReader() throws Exception {
    int records = 3 * PER_CHUNK + 5;
    Held<MemorySegment> held = forgetAllBut(reader -> next(reader.iterator(), records));

    assertThat(held.readerIsCollected()).isTrue();
    useMemory();
    assertRecord(held.held(), records - 1);
  }

  @Test
  void sliceOfARecordOutlivesItsReader() throws Exception {
    Held<ByteBuffer> held =
        forgetAllBut(reader -> next(reader.iterator(), 2).asSlice(1).asByteBuffer().slice());

    assertThat(held.readerIsCollected()).isTrue();
    useMemory();
    byte[] expected = record(1);
    assertThat(held.held()).isEqualTo(ByteBuffer.wrap(expected, 1, expected.length - 1));
  }

  @Test
  void recordOfABatchOutlivesItsBatchAndReader() throws Exception {
    Held<MemorySegment> held = forgetAllBut(reader -> reader.nextBatch().get(7));

    assertThat(held.readerIsCollected()).isTrue();
    useMemory();
    assertRecord(held.held(), 7);
  }

  @Test
  void batchOutlivesItsReader() throws Exception {
    Held<RecordBatch> held = forgetAllBut(RecordReader::nextBatch);

    assertThat(held.readerIsCollected()).isTrue();
    useMemory();
    assertRecords(held.held(), 0);
    held.held().close();
    assertEnded(held.held());
  }

  @Test
  void batchInAnAutomaticArenaOutlivesItsReader() throws Exception {
    Held<MemorySegment> held = forgetAllBut(reader -> reader.nextBatch(Arena.ofAuto()).get(3));

    assertThat(held.readerIsCollected()).isTrue();
    useMemory();
    assertRecord(held.held(), 3);
  }

  @Test
  void iteratorKeepsItsReader() throws Exception {
    Held<Iterator<MemorySegment>> held = forgetAllBut(RecordReader::iterator);
    GarbageCollection.run();
    for (int i = 0; i < CHUNKS * PER_CHUNK; i++) {
      if (i % 200 == 0) {
        GarbageCollection.run();
      }
      assertRecord(held.held().next(), i);
    }
    held.close();
    assertThat(log.messages("")).isEmpty();
  }

  @Test
  void streamsKeepTheirReader() throws Exception {
    Held<Stream<MemorySegment>> records = forgetAllBut(RecordReader::stream);
    Held<Spliterator<MemorySegment>> split = forgetAllBut(RecordReader::spliterator);
    Held<Stream<RecordBatch>> batches = forgetAllBut(RecordReader::batches);
    GarbageCollection.run();

    assertThat(records.held().count()).isEqualTo(CHUNKS * PER_CHUNK);
    assertThat(split.held().tryAdvance(record -> assertRecord(record, 0))).isTrue();
    assertThat(batches.held().peek(RecordBatch::close).mapToInt(RecordBatch::recordCount).sum())
        .isEqualTo(CHUNKS * PER_CHUNK);
    assertThat(log.messages("")).isEmpty();
    for (Held<?> held : List.of(records, split, batches)) {
      held.close();
    }
  }

  @Test
  void forgottenBatchesGiveTheirMemoryBack() throws Exception {
    List<WeakReference<RecordBatch>> batches = new ArrayList<>();
    List<MemorySegment> kept = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < CHUNKS; i++) {
        RecordBatch batch = reader.nextBatch();
        assertRecords(batch, i * PER_CHUNK);
        batches.add(new WeakReference<>(batch));
        if (i % 10 == 0) {
          kept.add(batch.get(1));
        }
      }
      for (int i = 0; i < CHUNKS; i++) {
        if (i % 10 != 0) {
          assertThat(GarbageCollection.clears(batches.get(i))).isTrue();
        }
      }
      useMemory();
      for (int i = 0; i < kept.size(); i++) {
        assertRecord(kept.get(i), 10 * i * PER_CHUNK + 1);
      }
    }
  }

  /** Whether the collector ran must not decide whether a record may be read. */
  @Test
  void recordOfAForgottenBatchEndsWithTheReader() throws Exception {
    RecordReader reader = RecordReader.open(file);
    MemorySegment record = reader.nextBatch().get(0);
    MemorySegment another = reader.nextBatch().get(0);
    GarbageCollection.run();
    assertRecord(record, 0);
    assertRecord(another, PER_CHUNK);

    reader.close();

    assertEnded(record);
    assertEnded(another);
  }

  @Test
  void forgottenReaderIsReported() throws Exception {
    forgetAllBut(reader -> reader.fileSize());

    assertThat(isReported(file)).isTrue();
    assertThat(log.messages(file.toString()))
        .singleElement()
        .asString()
        .contains("WARNING", "was never closed", "try-with-resources");
  }

  @Test
  void forgottenWriterIsReportedAndUnlocksTheFile() throws Exception {
    Path written = directory.resolve("written");
    forgetWriter(written);

    assertThat(isReported(written)).isTrue();
    assertThat(log.messages(written.toString()))
        .singleElement()
        .asString()
        .contains("WARNING", "was never closed");
    WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(written, append)) {
      writer.write(record(3));
    }
    try (RecordReader reader = RecordReader.open(written)) {
      NumberedRecords.assertRest(reader, 0, 3);
    }
  }

  /** Flushes three records and leaves another one in the chunk. */
  private void forgetWriter(Path path) throws IOException {
    RecordWriter writer =
        RecordWriter.open(path, WriterOptions.defaults().withCompression(compression));
    for (int i = 0; i < 3; i++) {
      writer.write(record(i));
    }
    writer.flush();
    writer.write(new byte[100]);
  }

  @Test
  void closedOnesAreNotReported() throws Exception {
    WeakReference<RecordReader> reader = openAndClose();
    Path written = directory.resolve("written");
    RecordWriter.open(written).close();

    assertThat(GarbageCollection.clears(reader)).isTrue();
    assertThat(GarbageCollection.clears(failToOpen(written))).isTrue();
    // In the order of their ends: by now the closed ones would have been reported.
    forgetAllBut(forgotten -> forgotten.fileSize());
    assertThat(isReported(file)).isTrue();
    assertThat(log.messages("")).hasSize(1);
  }

  private WeakReference<RecordReader> openAndClose() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      reader.describe();
      assertRecord(reader.next(), 0);
      return new WeakReference<>(reader);
    }
  }

  private static WeakReference<Object> failToOpen(Path path) throws IOException {
    try (RecordWriter writer = RecordWriter.open(path)) {
      throw new AssertionError(writer);
    } catch (FileSystemException e) {
      return new WeakReference<>(e);
    }
  }

  private static MemorySegment next(Iterator<MemorySegment> records, int count) {
    MemorySegment record = records.next();
    for (int i = 1; i < count; i++) {
      record = records.next();
    }
    return record;
  }

  /** Whatever was freed is written to by others now. */
  private void useMemory() throws IOException {
    List<MemorySegment> taken = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < 2000; i++) {
        taken.add(arena.allocate(500 + 7 * (i % 200)).fill((byte) -1));
      }
      assertThat(reader.stream().count()).isEqualTo(CHUNKS * PER_CHUNK);
    }
    assertThat(taken).isNotEmpty();
  }
}

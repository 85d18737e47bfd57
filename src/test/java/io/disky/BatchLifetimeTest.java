package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.testing.NumberedRecords.assertRecords;
import static io.disky.testing.NumberedRecords.assertRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a batch in the reader's memory may be used, and what becomes of that memory. */
@ParameterizedClass
@ValueSource(strings = {"none", "zstd"})
class BatchLifetimeTest {
  private static final int CHUNKS = 60;
  private static final int PER_CHUNK = 7;
  private static final int LAST = CHUNKS * PER_CHUNK - 1;

  @Parameter Compression compression;
  @TempDir private Path directory;
  private RecordReader reader;

  @BeforeEach
  void setUp() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), compression, CHUNKS, PER_CHUNK);
    reader = RecordReader.open(file);
  }

  @AfterEach
  void tearDown() {
    reader.close();
  }

  @Test
  void endsWhenClosed() throws IOException {
    RecordBatch batch = reader.nextBatch();
    assertRecords(batch, 0);
    List<MemorySegment> segments = segments(batch);
    Iterator<MemorySegment> records = batch.iterator();
    records.next();

    batch.close();

    assertEnded(batch);
    segments.forEach(LifetimeAssert::assertEnded);
    assertThatIllegalStateException().isThrownBy(records::next);
    assertRest(reader, PER_CHUNK, LAST);
  }

  @Test
  void endsWhenClosedUntouched() throws IOException {
    RecordBatch batch = reader.nextBatch();
    batch.close();
    assertEnded(batch);
  }

  @Test
  void stillSaysWhatItWas() throws IOException {
    RecordBatch batch = reader.nextBatch();
    long begin = batch.chunkBegin();
    String description = batch.toString();

    batch.close();

    assertThat(batch.recordCount()).isEqualTo(PER_CHUNK);
    assertThat(batch.chunkBegin()).isEqualTo(begin);
    assertThat(batch).hasToString(description);
    assertThatThrownBy(() -> batch.get(PER_CHUNK)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void isReadOnly() throws IOException {
    RecordBatch batch = reader.nextBatch();
    assertThat(batch.get(0).isReadOnly()).isTrue();
    assertThat(batch.data().isReadOnly()).isTrue();
    assertThat(batch.ends().isReadOnly()).isTrue();
    assertThat(batch).allMatch(MemorySegment::isReadOnly);
    assertThat(batch.stream()).allMatch(MemorySegment::isReadOnly);
  }

  @Test
  void showsNothingButItsRecords() throws IOException {
    RecordBatch batch = reader.nextBatch();
    assertThat(batch.ends().byteSize()).isEqualTo(PER_CHUNK * Long.BYTES);
    assertThat(batch.data().byteSize())
        .isEqualTo(batch.offset(PER_CHUNK - 1) + batch.length(PER_CHUNK - 1));
  }

  /** Given back twice, its memory would be given to two batches. */
  @Test
  void closingTwiceGivesTheMemoryBackOnce() throws IOException {
    RecordBatch closed = reader.nextBatch();
    closed.data();
    closed.close();
    closed.close();
    RecordBatch first = reader.nextBatch();
    closed.close();
    RecordBatch second = reader.nextBatch();

    assertThat(first.data().asOverlappingSlice(second.data())).isEmpty();
    assertRecords(first, PER_CHUNK);
    assertRecords(second, 2 * PER_CHUNK);
    assertEnded(closed);
  }

  @Test
  void memoryIsUsedAgain() throws IOException {
    Set<Long> addresses = new HashSet<>();
    List<MemorySegment> ended = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      try (RecordBatch batch = reader.nextBatch()) {
        assertRecords(batch, i * PER_CHUNK);
        addresses.add(batch.data().address());
        ended.forEach(LifetimeAssert::assertEnded);
        ended.add(batch.get(i % PER_CHUNK));
      }
    }
    assertThat(addresses).hasSizeLessThan(CHUNKS / 4);
  }

  @Test
  void memoryOfIterationIsUsedAgain() {
    Set<Long> addresses = new HashSet<>();
    int number = 0;
    for (MemorySegment record : reader) {
      if (number++ % PER_CHUNK == 0) {
        addresses.add(record.address());
      }
    }
    assertThat(addresses).hasSizeLessThan(CHUNKS / 4);
  }

  @Test
  void keepsItsMemoryWhileTheReaderGoesOn() throws IOException {
    List<RecordBatch> batches = new ArrayList<>();
    List<MemorySegment> segments = new ArrayList<>();
    for (int i = 0; i < CHUNKS / 2; i++) {
      batches.add(reader.nextBatch());
      segments.add(batches.getLast().data());
    }
    assertRest(reader, CHUNKS / 2 * PER_CHUNK, LAST);

    for (int i = 0; i < batches.size(); i++) {
      assertRecords(batches.get(i), i * PER_CHUNK);
      for (int j = 0; j < i; j++) {
        assertThat(segments.get(i).asOverlappingSlice(segments.get(j))).isEmpty();
      }
    }
  }

  @Test
  void keepsItsMemoryWhileOthersAreClosed() throws IOException {
    List<RecordBatch> kept = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      RecordBatch batch = reader.nextBatch();
      if (i % 3 == 0) {
        kept.add(batch);
      } else {
        batch.close();
      }
    }
    for (int i = 0; i < kept.size(); i++) {
      assertRecords(kept.get(i), 3 * i * PER_CHUNK);
    }
  }

  @Test
  void recordOfIterationIsKeptWhileBatchesAreRead() throws IOException {
    Iterator<MemorySegment> records = reader.iterator();
    MemorySegment last = null;
    for (int i = 0; i < PER_CHUNK; i++) {
      last = records.next();
    }
    for (int i = 1; i < CHUNKS - 1; i++) {
      try (RecordBatch batch = reader.nextBatch()) {
        assertRecords(batch, i * PER_CHUNK);
        if (last.scope().isAlive()) {
          NumberedRecords.assertRecord(last, PER_CHUNK - 1);
        }
      }
    }
    NumberedRecords.assertRecord(records.next(), LAST + 1 - PER_CHUNK);
    assertEnded(last);
  }

  @Test
  void endsWithTheReader() throws IOException {
    List<RecordBatch> batches = new ArrayList<>();
    List<MemorySegment> segments = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      batches.add(reader.nextBatch());
      if (i % 2 == 0) {
        segments.addAll(segments(batches.getLast()));
      }
    }

    reader.close();

    batches.forEach(LifetimeAssert::assertEnded);
    segments.forEach(LifetimeAssert::assertEnded);
    batches.forEach(RecordBatch::close);
    batches.forEach(LifetimeAssert::assertEnded);
  }

  @Test
  void batchThatHasNextDecodedEndsWithTheReader() throws IOException {
    assertThat(reader.iterator().hasNext()).isTrue();
    RecordBatch ahead = reader.nextBatch();
    assertRecords(ahead, 0);
    reader.close();
    assertEnded(ahead);
  }

  @Test
  void isNoBatchInTheMiddleOfAChunk() throws IOException {
    Iterator<MemorySegment> records = reader.iterator();
    records.next();
    assertThatIllegalStateException().isThrownBy(reader::nextBatch);
    assertThatIllegalStateException().isThrownBy(reader::batches);
    for (int i = 1; i < PER_CHUNK; i++) {
      NumberedRecords.assertRecord(records.next(), i);
    }
    assertRecords(reader.nextBatch(), PER_CHUNK);
  }

  private static List<MemorySegment> segments(RecordBatch batch) {
    return List.of(
        batch.get(0), batch.get(batch.recordCount() - 1), batch.data(), batch.ends(), batch.data());
  }
}

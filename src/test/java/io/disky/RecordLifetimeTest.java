package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.lifetime.LifetimeAssert.assertForeign;
import static io.disky.testing.NumberedRecords.assertRecord;
import static io.disky.testing.NumberedRecords.assertRest;
import static io.disky.testing.NumberedRecords.isRecord;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a record of iteration, of a stream and of a visit may be used. */
@ParameterizedClass
@ValueSource(strings = {"none", "zstd"})
class RecordLifetimeTest {
  private static final int CHUNKS = 4;
  private static final int PER_CHUNK = 5;
  private static final int LAST = CHUNKS * PER_CHUNK - 1;

  @Parameter Compression compression;
  @TempDir private Path directory;
  private Path file;
  private RecordReader reader;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), compression, CHUNKS, PER_CHUNK);
    reader = RecordReader.open(file);
  }

  @AfterEach
  void tearDown() {
    reader.close();
  }

  @Test
  void isReadOnly() {
    for (MemorySegment record : reader) {
      assertThat(record.isReadOnly()).isTrue();
      assertThat(record.asByteBuffer().isReadOnly()).isTrue();
      assertThatThrownBy(() -> record.set(JAVA_BYTE, 0, (byte) 1)).isInstanceOf(Exception.class);
      assertThatThrownBy(() -> record.fill((byte) 1)).isInstanceOf(Exception.class);
      assertThatThrownBy(() -> record.copyFrom(record)).isInstanceOf(Exception.class);
    }
    try (RecordReader again = open()) {
      assertRest(again, 0, LAST);
    }
  }

  @Test
  void isReadAtAnyAddress() {
    int aligned = 0;
    for (MemorySegment record : reader) {
      aligned += record.address() % Long.BYTES == 0 ? 1 : 0;
      if (record.byteSize() >= Long.BYTES) {
        byte[] bytes = record.toArray(JAVA_BYTE);
        assertThat(record.get(JAVA_LONG_UNALIGNED, 0))
            .isEqualTo(MemorySegment.ofArray(bytes).get(JAVA_LONG_UNALIGNED, 0));
      }
    }
    assertThat(aligned).isLessThan(LAST);
  }

  @Test
  void showsNothingButItself() {
    for (MemorySegment record : reader) {
      long size = record.byteSize();
      assertThatThrownBy(() -> record.get(JAVA_BYTE, size))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> record.asSlice(0, size + 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void endsWithItsChunk() {
    Iterator<MemorySegment> records = reader.iterator();
    for (int chunk = 0; chunk < CHUNKS - 1; chunk++) {
      List<MemorySegment> ofChunk = next(records, chunk * PER_CHUNK, PER_CHUNK);

      assertThat(records.hasNext()).isTrue();
      assertRecord(ofChunk.getLast(), chunk * PER_CHUNK + PER_CHUNK - 1);
      MemorySegment next = next(records, (chunk + 1) * PER_CHUNK, 1).getFirst();

      ofChunk.forEach(LifetimeAssert::assertEnded);
      next(records, (chunk + 1) * PER_CHUNK + 1, PER_CHUNK - 1);
      assertRecord(next, (chunk + 1) * PER_CHUNK);
      reader.close();
      assertEnded(next);
      reader = open();
      records = reader.iterator();
      next(records, 0, (chunk + 1) * PER_CHUNK);
    }
  }

  /** Within a chunk it may stay or end, but never shows other bytes. */
  @Test
  void neverShowsAnotherRecord() {
    List<MemorySegment> records = new ArrayList<>();
    for (MemorySegment record : reader) {
      records.add(record);
      for (int i = 0; i < records.size(); i++) {
        if (records.get(i).scope().isAlive()) {
          assertRecord(records.get(i), i);
        }
      }
    }
  }

  @Test
  void outlivesTheEndOfTheFile() {
    Iterator<MemorySegment> records = reader.iterator();
    MemorySegment last = next(records, 0, LAST + 1).getLast();

    assertThat(records.hasNext()).isFalse();
    assertRecord(last, LAST);
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(records::next);
    assertThat(records.hasNext()).isFalse();
  }

  @Test
  void outlivesDamageBehindIt() throws IOException {
    RecordReader broken = openTruncated(1);
    Iterator<MemorySegment> records = broken.iterator();
    MemorySegment record = next(records, 0, PER_CHUNK).getLast();

    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(records::hasNext)
          .withCauseInstanceOf(CorruptFileException.class);
      assertRecord(record, PER_CHUNK - 1);
    }
    broken.close();
    assertEnded(record);
  }

  @Test
  void endsWithTheReader() {
    Iterator<MemorySegment> records = reader.iterator();
    List<MemorySegment> ofChunk = next(records, 0, PER_CHUNK - 1);

    reader.close();

    ofChunk.forEach(LifetimeAssert::assertEnded);
    assertThatIllegalStateException().isThrownBy(records::hasNext);
    assertThatIllegalStateException().isThrownBy(records::next);
  }

  @Test
  void endsWithTheReaderAfterHasNextDecodedTheChunkBehindIt() {
    Iterator<MemorySegment> records = reader.iterator();
    MemorySegment record = next(records, 0, PER_CHUNK).getLast();
    assertThat(records.hasNext()).isTrue();

    reader.close();

    assertEnded(record);
    assertThatIllegalStateException().isThrownBy(records::hasNext);
    assertThatIllegalStateException().isThrownBy(records::next);
  }

  @Test
  void staysWithItsThread() throws Exception {
    MemorySegment record = reader.next();
    try (WorkerThread other = new WorkerThread()) {
      other.run(() -> assertForeign(record));
    }
    assertRecord(record, 0);
  }

  @Test
  void ofStreamEndsWithItsChunk() {
    List<MemorySegment> seen = new ArrayList<>();
    reader.stream()
        .forEach(record -> {
          int number = seen.size();
          assertRecord(record, number);
          seen.add(record);
          seen.subList(0, number - number % PER_CHUNK).forEach(LifetimeAssert::assertEnded);
        });
    assertThat(seen).hasSize(LAST + 1);
    reader.close();
    assertEnded(seen.getLast());
  }

  @Test
  void ofStreamMayBeCopiedToBeKept() {
    List<byte[]> copies = reader.stream().map(record -> record.toArray(JAVA_BYTE)).toList();

    assertThat(copies).hasSize(LAST + 1);
    for (int i = 0; i < copies.size(); i++) {
      assertThat(copies.get(i)).isEqualTo(NumberedRecords.record(i));
    }
  }

  @Test
  void ofStreamThatIsMadeParallelIsRightAllTheSame() {
    int[] number = {0};
    boolean right = reader.stream().parallel().allMatch(record -> isRecord(record, number[0]++));
    assertThat(right).isTrue();
    assertThat(number[0]).isEqualTo(LAST + 1);
  }

  @Test
  void ofStreamEndsWithTheReader() {
    assertThatIllegalStateException()
        .isThrownBy(() ->
            reader.stream()
                .forEach(record -> {
                  assertRecord(record, 0);
                  reader.close();
                  assertEnded(record);
                }));
  }

  @Test
  void closingTheStreamLeavesTheReaderOpen() {
    try (var records = reader.stream()) {
      assertRecord(records.findFirst().orElseThrow(), 0);
    }
    assertThat(reader.isOpen()).isTrue();
    assertRest(reader, 1, LAST);
  }

  @Test
  void ofVisitEndsWithItsChunk() throws IOException {
    List<MemorySegment> seen = new ArrayList<>();
    reader.visit(record -> {
      int number = seen.size();
      assertRecord(record, number);
      seen.add(record);
      seen.subList(0, number - number % PER_CHUNK).forEach(LifetimeAssert::assertEnded);
    });
    assertThat(seen).hasSize(LAST + 1);
  }

  @Test
  void ofVisitEndsWithTheReader() {
    List<MemorySegment> seen = new ArrayList<>();
    assertThatIllegalStateException()
        .isThrownBy(() ->
            reader.visit(record -> {
              seen.add(record);
              reader.close();
            }));
    assertThat(seen).hasSize(1);
    assertEnded(seen.getFirst());
  }

  @Test
  void visitGoesOnBehindTheRecordThatThrew() throws IOException {
    int[] number = {0};
    for (int stop = 0; stop <= LAST; stop++) {
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(() ->
              reader.visit(record -> {
                assertRecord(record, number[0]++);
                throw new InterruptedException();
              }));
    }
    reader.visit(record -> assertThat(record).isNull());
    assertThat(number[0]).isEqualTo(LAST + 1);
  }

  @Test
  void ofVisitedBatchEndsWhenTheVisitorReturns() throws IOException {
    List<RecordBatch> seen = new ArrayList<>();
    List<MemorySegment> records = new ArrayList<>();
    reader.visitBatches(batch -> {
      records.forEach(LifetimeAssert::assertEnded);
      NumberedRecords.assertRecords(batch, seen.size() * PER_CHUNK);
      records.add(batch.get(0));
      seen.add(batch);
    });
    assertThat(seen).hasSize(CHUNKS).allSatisfy(LifetimeAssert::assertEnded);
    records.forEach(LifetimeAssert::assertEnded);
  }

  @Test
  void ofVisitedBatchEndsWhenTheVisitorThrows() {
    List<MemorySegment> records = new ArrayList<>();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() ->
            reader.visitBatches(batch -> {
              records.add(batch.get(0));
              throw new InterruptedException();
            }));
    assertEnded(records.getFirst());
    assertRest(reader, PER_CHUNK, LAST);
  }

  @Test
  void ofVisitedBatchEndsWithTheReader() {
    List<MemorySegment> records = new ArrayList<>();
    assertThatIllegalStateException()
        .isThrownBy(() ->
            reader.visitBatches(batch -> {
              records.add(batch.get(0));
              reader.close();
            }));
    assertThat(records).hasSize(1);
    assertEnded(records.getFirst());
  }

  private RecordReader open() {
    try {
      return RecordReader.open(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens a file that ends inside its chunk of records number {@code chunk}. */
  private RecordReader openTruncated(int chunk) throws IOException {
    List<Long> ends = new ArrayList<>();
    reader.forEachChunk(description -> {
      if (description.recordCount() > 0) {
        ends.add(description.end());
      }
    });
    Path truncated = Files.copy(file, directory.resolve("truncated"));
    try (FileChannel channel = FileChannel.open(truncated, StandardOpenOption.WRITE)) {
      channel.truncate(ends.get(chunk) - 1);
    }
    return RecordReader.open(truncated);
  }

  private static List<MemorySegment> next(Iterator<MemorySegment> records, int first, int count) {
    List<MemorySegment> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(records.next());
      assertRecord(taken.getLast(), first + i);
    }
    return taken;
  }
}

package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.engine.NativeReader;
import io.disky.testing.SampleRecords;
import io.disky.testing.WritingWay;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How often the native library is called: for a run of chunks, never for a record. */
class DowncallTest {
  private static final int CHUNKS = 50;
  private static final int RECORDS_IN_CHUNK = 200;
  private static final int RECORD_SIZE = 40;

  /** To be told how much memory the first chunk needs. */
  private static final int FIRST_MEMORY = 1;

  /**
   * One chunk after the file was opened, then runs. If padding follows each chunk, which is a chunk
   * of its own, there are no runs.
   */
  private static int calls(WriterOptions layout) {
    boolean padded = layout.container() == Container.ARRAY_RECORD && layout.finalPadding() > 1;
    return (padded ? CHUNKS : 1 + Math.ceilDiv(CHUNKS - 1, NativeReader.mostInRun())) + END;
  }

  /** The call that finds the end of the file. */
  private static final int END = 1;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  static List<WriterOptions> layouts() {
    WriterOptions riegeli = WriterOptions.defaults().withDialect(Dialect.RIEGELI);
    WriterOptions arrayRecord =
        riegeli.withContainer(Container.ARRAY_RECORD).withGroupSize(RECORDS_IN_CHUNK);
    List<WriterOptions> layouts = new ArrayList<>(RoundTripTest.layouts());
    layouts.add(riegeli.withTranspose(true));
    layouts.add(riegeli.withTranspose(true).withCompression(Compression.none()));
    layouts.add(riegeli.withMetadata(RecordsMetadata.empty().withFileComment("calls")));
    layouts.add(arrayRecord);
    layouts.add(arrayRecord.withFinalPadding(65_536).withCompression(Compression.none()));
    layouts.add(arrayRecord.withTranspose(true).withCompression(Compression.brotli()));
    return layouts;
  }

  /** Writes chunks that are all alike. */
  private void write(WriterOptions layout) throws IOException {
    WriterOptions options = layout.withChunkSize(RECORDS_IN_CHUNK * (RECORD_SIZE + 8));
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      long before = writer.downcalls();
      for (int i = 0; i < CHUNKS * RECORDS_IN_CHUNK; i++) {
        writer.write(SampleRecords.repetitive(RECORD_SIZE));
      }
      writer.flush();
      assertThat(writer.downcalls() - before)
          .as("calls to write the chunks, and to flush")
          .isEqualTo(CHUNKS + 1);
    }
  }

  private interface Reading {
    long records(RecordReader reader) throws IOException;
  }

  private void assertCalls(long expected, Reading reading) throws IOException {
    assertCalls(expected, 0, reading);
  }

  /** At most {@code buffers} more calls ask for memory, if an earlier reader has left none. */
  private void assertCalls(long expected, int buffers, Reading reading) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      long before = reader.downcalls();
      assertThat(reading.records(reader)).isEqualTo(CHUNKS * RECORDS_IN_CHUNK);
      assertThat(reader.downcalls() - before)
          .isBetween(expected, expected + (long) buffers * FIRST_MEMORY);
    }
  }

  /** The buffers of a run, and the one of the chunk before, whose last record is still valid. */
  private static int runBuffers() {
    return NativeReader.mostInRun() + 1;
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void iterationCallsOncePerRun(WriterOptions layout) throws IOException {
    write(layout);

    assertCalls(calls(layout), runBuffers(), DowncallTest::iterate);
    assertCalls(
        calls(layout), runBuffers(), reader -> reader.stream().mapToLong(record -> 1).sum());
    assertCalls(calls(layout), runBuffers(), DowncallTest::visit);
  }

  private static long iterate(RecordReader reader) {
    long records = 0;
    Iterator<MemorySegment> iterator = reader.iterator();
    while (iterator.hasNext()) {
      iterator.next();
      records++;
    }
    return records;
  }

  private static long visit(RecordReader reader) throws IOException {
    long[] records = new long[1];
    reader.visit(record -> records[0]++);
    return records[0];
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void batchesCallOncePerRun(WriterOptions layout) throws IOException {
    write(layout);

    assertCalls(calls(layout), runBuffers(), DowncallTest::takeBatches);
    assertCalls(
        calls(layout),
        runBuffers(),
        reader -> reader.batches().mapToLong(DowncallTest::countAndClose).sum());
  }

  private static long takeBatches(RecordReader reader) throws IOException {
    long records = 0;
    RecordBatch next;
    while ((next = reader.nextBatch()) != null) {
      try (RecordBatch batch = next) {
        records += batch.stream().count();
      }
    }
    return records;
  }

  private static long countAndClose(RecordBatch next) {
    try (RecordBatch batch = next) {
      return batch.recordCount();
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void batchesInAnArenaCallTwicePerChunk(WriterOptions layout) throws IOException {
    write(layout);

    assertCalls(
        2 * CHUNKS + END,
        reader -> {
          try (Arena arena = Arena.ofConfined()) {
            long records = 0;
            RecordBatch batch;
            while ((batch = reader.nextBatch(arena)) != null) {
              records += batch.stream().count();
            }
            return records;
          }
        });
  }

  /** Once to count, and once to ask what was noticed. */
  @ParameterizedTest
  @MethodSource("layouts")
  void countingCallsTwice(WriterOptions layout) throws IOException {
    write(layout);

    assertCalls(2, RecordReader::recordCount);
  }

  @ParameterizedTest
  @EnumSource
  void recordsOfAnyWayOfWritingCallNothing(WritingWay way) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      long before = writer.downcalls();
      for (int i = 0; i < 1000; i++) {
        way.write(writer, SampleRecords.repetitive(RECORD_SIZE));
      }
      assertThat(writer.downcalls()).isEqualTo(before);
    }
  }

  @Test
  void smallRecordsOfLargeFilesCallNothing() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (byte[] record : SampleRecords.lines(100_000)) {
        writer.write(record);
      }
    }
    try (RecordReader reader = RecordReader.open(file);
        Stream<MemorySegment> records = reader.stream()) {
      long chunks = reader.describe().recordChunks();
      long before = reader.downcalls();
      assertThat(records.mapToLong(record -> 1).sum()).isEqualTo(100_000);
      assertThat(reader.downcalls() - before)
          .isLessThanOrEqualTo(chunks + 2 * FIRST_MEMORY * chunks + END)
          .isLessThan(20);
    }
  }
}

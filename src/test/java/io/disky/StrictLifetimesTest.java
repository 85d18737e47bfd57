package io.disky;

import static io.disky.TwoRecordChunks.numbers;
import static io.disky.TwoRecordChunks.rest;
import static io.disky.TwoRecordChunks.text;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ReaderOptions#withStrictLifetimes}: each record ends when the next one is requested. */
class StrictLifetimesTest {
  private static final ReaderOptions STRICT = ReaderOptions.defaults().withStrictLifetimes(true);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = TwoRecordChunks.write(directory.resolve("records"));
  }

  private static void assertEnded(MemorySegment record) {
    assertThat(record.scope().isAlive()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> record.get(JAVA_BYTE, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void iteratedRecordsEndWithTheNext(int parallelism) throws IOException {
    ReaderOptions options = STRICT.withParallelism(parallelism);
    try (RecordReader reader = RecordReader.open(file, options)) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment last = records.next();
      for (String number : numbers(1)) {
        assertThat(records.hasNext()).isTrue();
        assertThat(last.isReadOnly()).isTrue();
        assertThat(text(last)).isEqualTo(Integer.toString(Integer.parseInt(number) - 1));
        MemorySegment next = records.next();
        assertEnded(last);
        assertThat(text(next)).isEqualTo(number);
        last = next;
      }
      assertThat(records.hasNext()).isFalse();
      reader.close();
      assertEnded(last);
    }
  }

  @Test
  void nextEndsTheRecordBefore() throws IOException {
    try (RecordReader reader = RecordReader.open(file, STRICT)) {
      MemorySegment first = reader.next();
      MemorySegment second = reader.next();
      assertEnded(first);
      reader.rewind();
      assertEnded(second);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void recordsOfShardsEndWithTheNext() throws IOException {
    MultiThreadedReaderOptions options =
        MultiThreadedReaderOptions.defaults().withReaderOptions(STRICT);
    List<MemorySegment> records = new ArrayList<>();
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.of(List.of(file)), options)) {
      for (MemorySegment record : reader) {
        records.forEach(StrictLifetimesTest::assertEnded);
        assertThat(text(record)).isEqualTo(Integer.toString(records.size()));
        records.add(record);
      }
    }
    assertThat(records).hasSize(TwoRecordChunks.RECORDS);
  }

  @Test
  void visitedRecordsEndWithTheVisit() throws IOException {
    List<MemorySegment> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, STRICT)) {
      reader.visit(record -> {
        assertThat(text(record)).isEqualTo(Integer.toString(records.size()));
        records.forEach(StrictLifetimesTest::assertEnded);
        records.add(record);
      });
      records.forEach(StrictLifetimesTest::assertEnded);
    }
    assertThat(records).hasSize(TwoRecordChunks.RECORDS);
  }

  @Test
  void streamedAndSearchedRecordsEndWithTheNext() throws IOException {
    List<MemorySegment> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, STRICT)) {
      reader.stream()
          .forEach(record -> {
            records.forEach(StrictLifetimesTest::assertEnded);
            records.add(record);
          });
      boolean found =
          reader.search(record -> {
            records.forEach(StrictLifetimesTest::assertEnded);
            records.add(record);
            return Integer.compare(Integer.parseInt(text(record)), 13);
          });
      assertThat(found).isTrue();
    }
  }

  /** The usual lifetimes, in which the same mistake goes unnoticed. */
  @Test
  void usuallyRecordsEndWithTheirChunk() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      MemorySegment first = reader.next();
      MemorySegment second = reader.next();
      assertThat(text(first)).isEqualTo("0");
      MemorySegment third = reader.next();
      assertEnded(first);
      assertEnded(second);
      assertThat(text(third)).isEqualTo("2");
    }
  }
}

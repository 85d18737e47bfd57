package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordBatchTest {
  private static final int[] SIZES = {0, 5, 0, 0, 1000, 1, 0};

  @TempDir private Path directory;

  /** Where the records of a batch may be. */
  enum Memory {
    OF_THE_READER {
      @Override
      RecordBatch next(RecordReader reader, Arena arena) throws IOException {
        return reader.nextBatch();
      }
    },
    OF_AN_ARENA {
      @Override
      RecordBatch next(RecordReader reader, Arena arena) throws IOException {
        return reader.nextBatch(arena);
      }
    },
    OF_AN_ARENA_ALREADY_DECODED {
      @Override
      RecordBatch next(RecordReader reader, Arena arena) throws IOException {
        assertThat(reader.iterator().hasNext()).isTrue();
        return reader.nextBatch(arena);
      }
    };

    abstract RecordBatch next(RecordReader reader, Arena arena) throws IOException;
  }

  static Stream<Arguments> memoriesAndLayouts() {
    return Stream.of(Memory.values())
        .flatMap(
            memory -> RoundTripTest.layouts().stream().map(layout -> Arguments.of(memory, layout)));
  }

  private Path write(WriterOptions options, List<byte[]> records) throws IOException {
    Path file = directory.resolve("records");
    try (RecordWriter writer = RecordWriter.open(file, options.withOpenMode(OpenMode.OVERWRITE))) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    return file;
  }

  private Path write(int... sizes) throws IOException {
    return write(WriterOptions.defaults(), SampleRecords.ofSizes(sizes));
  }

  @ParameterizedTest
  @MethodSource("memoriesAndLayouts")
  void recordsLieOneAfterTheOther(Memory memory, WriterOptions layout) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(SIZES);
    try (RecordReader reader = RecordReader.open(write(layout, records));
        Arena arena = Arena.ofConfined();
        RecordBatch batch = memory.next(reader, arena)) {
      assertThat(batch.recordCount()).isEqualTo(SIZES.length);
      assertThat(batch.chunkBegin()).isEqualTo(64);
      assertThat(batch.data().byteSize()).isEqualTo(1006);
      assertThat(batch.ends().byteSize()).isEqualTo(SIZES.length * (long) Long.BYTES);
      long offset = 0;
      for (int i = 0; i < SIZES.length; i++) {
        assertThat(batch.offset(i)).isEqualTo(offset);
        assertThat(batch.length(i)).isEqualTo(SIZES[i]);
        offset += SIZES[i];
        assertThat(batch.ends().getAtIndex(JAVA_LONG, i)).isEqualTo(offset);
        assertThat(batch.get(i).toArray(JAVA_BYTE)).isEqualTo(records.get(i));
        assertThat(batch.data().asSlice(batch.offset(i), batch.length(i)).mismatch(batch.get(i)))
            .isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("memoriesAndLayouts")
  void onlyEmptyRecords(Memory memory, WriterOptions layout) throws IOException {
    List<byte[]> records = Collections.nCopies(100, new byte[0]);
    try (RecordReader reader = RecordReader.open(write(layout, records));
        Arena arena = Arena.ofConfined();
        RecordBatch batch = memory.next(reader, arena)) {
      assertThat(batch.recordCount()).isEqualTo(100);
      assertThat(batch.data().byteSize()).isZero();
      assertThat(batch.get(99).byteSize()).isZero();
      assertThat(batch.offset(99)).isZero();
      assertThat(batch).hasSize(100);
    }
  }

  @Test
  void iteratorsAndStreamsHaveTheRecordsInOrder() throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(SIZES);
    try (RecordReader reader = RecordReader.open(write(SIZES));
        RecordBatch batch = reader.nextBatch()) {
      List<Supplier<Stream<MemorySegment>>> streams =
          List.of(
              batch::stream,
              () -> {
                List<MemorySegment> iterated = new ArrayList<>();
                batch.iterator().forEachRemaining(iterated::add);
                return iterated.stream();
              },
              () -> StreamSupport.stream(batch.spliterator(), false));
      for (Supplier<Stream<MemorySegment>> stream : streams) {
        SampleRecords.assertSame(
            stream.get().map(record -> record.toArray(JAVA_BYTE)).toList(), records);
      }
    }
  }

  @Test
  void iteratorsEnd() throws IOException {
    try (RecordReader reader = RecordReader.open(write(1));
        RecordBatch batch = reader.nextBatch()) {
      Iterator<MemorySegment> records = batch.iterator();
      assertThat(records.hasNext()).isTrue();
      records.next();
      assertThat(records.hasNext()).isFalse();
      assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(records::next);
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(records::remove);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 3, Integer.MAX_VALUE})
  void recordsThatThereAreNot(int index) throws IOException {
    try (RecordReader reader = RecordReader.open(write(1, 2, 3));
        RecordBatch batch = reader.nextBatch()) {
      List<ThrowingCallable> calls =
          List.of(() -> batch.get(index), () -> batch.offset(index), () -> batch.length(index));
      for (ThrowingCallable call : calls) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(call);
      }
    }
  }

  @Test
  void closedBatchesShowNothing() throws IOException {
    try (RecordReader reader = RecordReader.open(write(1, 2, 3))) {
      RecordBatch batch = reader.nextBatch();
      MemorySegment record = batch.get(1);
      batch.close();
      batch.close();

      List<ThrowingCallable> calls =
          List.of(
              () -> batch.get(0),
              () -> batch.offset(0),
              () -> batch.length(0),
              batch::data,
              batch::ends,
              () -> batch.iterator().next(),
              () -> batch.stream().forEach(it -> {}),
              () -> record.get(JAVA_BYTE, 0));
      for (ThrowingCallable call : calls) {
        assertThatIllegalStateException().isThrownBy(call);
      }
      assertThat(batch.recordCount()).isEqualTo(3);
      assertThat(batch.chunkBegin()).isEqualTo(64);
    }
  }

  @Test
  void batchesInAnArenaOutliveTheReader() throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(SIZES);
    try (Arena arena = Arena.ofConfined()) {
      RecordBatch batch;
      try (RecordReader reader = RecordReader.open(write(SIZES))) {
        batch = reader.nextBatch(arena);
      }
      batch.close();
      SampleRecords.assertSame(
          batch.stream().map(record -> record.toArray(JAVA_BYTE)).toList(), records);
    }
  }

  @Test
  void batchesInASharedArenaAreForAllThreads() throws IOException {
    List<byte[]> records = SampleRecords.lines(10_000);
    try (Arena arena = Arena.ofShared();
        RecordReader reader = RecordReader.open(write(WriterOptions.defaults(), records))) {
      RecordBatch batch = reader.nextBatch(arena);
      SampleRecords.assertSame(
          batch.stream().parallel().map(record -> record.toArray(JAVA_BYTE)).toList(), records);
    }
  }

  @Test
  void memoryOfAnArenaIsAllocatedExactly() throws IOException {
    long[] allocated = new long[1];
    try (Arena arena = Arena.ofConfined();
        RecordReader reader = RecordReader.open(write(SIZES))) {
      RecordBatch batch = reader.nextBatch(counting(arena, allocated));
      assertThat(allocated[0]).isEqualTo(batch.data().byteSize() + batch.ends().byteSize());
    }
  }

  private static Arena counting(Arena arena, long[] allocated) {
    return new Arena() {
      @Override
      public MemorySegment allocate(long byteSize, long byteAlignment) {
        allocated[0] += byteSize;
        return arena.allocate(byteSize, byteAlignment);
      }

      @Override
      public MemorySegment.Scope scope() {
        return arena.scope();
      }

      @Override
      public void close() {
        arena.close();
      }
    };
  }

  @Test
  void textNamesThePlace() throws IOException {
    try (RecordReader reader = RecordReader.open(write(1, 2, 3));
        RecordBatch batch = reader.nextBatch()) {
      assertThat(batch).hasToString("RecordBatch[chunkBegin=64, recordCount=3, bytes=6]");
    }
  }
}

package io.disky;

import static io.disky.testing.NumberedRecords.assertRest;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link RecordWriter#write(RecordBatch)}: the same file as record by record. */
class BatchWritingTest {
  private static final int CHUNKS = 7;
  private static final int PER_CHUNK = 50;

  @TempDir private Path directory;
  private Path source;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("file");
    source =
        NumberedRecords.write(directory.resolve("source"), Compression.none(), CHUNKS, PER_CHUNK);
  }

  static Stream<WriterOptions> options() {
    WriterOptions options = WriterOptions.defaults();
    WriterOptions arrayRecord = options.withContainer(Container.ARRAY_RECORD);
    return Stream.of(
        options,
        options.withChunkSize(1),
        options.withChunkSize(105),
        options.withChunkSize(1_000),
        options.withChunkSize(1_000).withParallelism(2),
        arrayRecord,
        arrayRecord.withGroupSize(3),
        arrayRecord.withGroupSize(PER_CHUNK));
  }

  /** Also with records before, between and after. */
  @ParameterizedTest
  @MethodSource("options")
  void theFileIsTheSame(WriterOptions options) throws IOException {
    Path expected = directory.resolve("expected");
    try (RecordWriter writer = RecordWriter.open(expected, options)) {
      for (int i = 0; i < CHUNKS; i++) {
        for (int j = 0; j < PER_CHUNK; j++) {
          writer.write(record(i * PER_CHUNK + j));
        }
        writer.write(record(i));
      }
    }
    try (RecordReader reader = RecordReader.open(source);
        RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < CHUNKS; i++) {
        try (RecordBatch batch = reader.nextBatch()) {
          writer.write(batch);
        }
        writer.write(record(i));
      }
      assertThat(writer.recordCount()).isEqualTo(CHUNKS * (PER_CHUNK + 1));
    }
    assertThat(file).hasSameBinaryContentAs(expected);
    Files.delete(expected);
  }

  @Test
  void largeAndEmptyRecords() throws IOException {
    byte[][] records = {{}, new byte[100_000], {1}, {}, new byte[3_000_000], {2, 3}};
    Path large = directory.resolve("large");
    Path expected = directory.resolve("expected");
    WriterOptions options = WriterOptions.defaults().withChunkSize(1_000);
    for (Path path : new Path[] {large, expected}) {
      try (RecordWriter writer =
          RecordWriter.open(path, path.equals(large) ? WriterOptions.defaults() : options)) {
        for (byte[] record : records) {
          writer.write(record);
        }
      }
    }
    try (RecordReader reader = RecordReader.open(large);
        RecordWriter writer = RecordWriter.open(file, options);
        Arena arena = Arena.ofConfined()) {
      for (RecordBatch batch = reader.nextBatch(arena);
          batch != null;
          batch = reader.nextBatch(arena)) {
        writer.write(batch);
      }
    }
    assertThat(file).hasSameBinaryContentAs(expected);
  }

  @Test
  void aClosedBatchWritesNothing() throws Exception {
    try (RecordReader reader = RecordReader.open(source);
        RecordWriter writer = RecordWriter.open(file);
        WorkerThread other = new WorkerThread()) {
      RecordBatch closed = reader.nextBatch();
      closed.close();
      assertThatIllegalStateException().isThrownBy(() -> writer.write(closed));

      RecordBatch foreign = reader.nextBatch();
      other.run(() -> foreign.get(0));
      assertThat(WorkerThreads.thrownBy(() -> writer.write(foreign)))
          .isInstanceOf(WrongThreadException.class);
      other.run(foreign::close);
      assertThat(writer.recordCount()).isZero();
      writer.write(record(0));
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertRest(reader, 0, 0);
    }
  }

  @Test
  void aClosedWriterRefuses() throws IOException {
    try (RecordReader reader = RecordReader.open(source);
        RecordBatch batch = reader.nextBatch()) {
      RecordWriter writer = RecordWriter.open(file);
      writer.write(
          10,
          slot -> {
            assertThatIllegalStateException().isThrownBy(() -> writer.write(batch));
            return 0;
          });
      writer.close();
      assertThatIllegalStateException().isThrownBy(() -> writer.write(batch));
      assertThat(writer.recordCount()).isEqualTo(1);
    }
  }

  /** Memory of the user, which may say anything by the time it is written. */
  @Test
  void endsThatTheUserHasChangedAreRefused() throws IOException {
    for (long wrong : new long[] {-1, Long.MIN_VALUE, 1L << 40, Long.MAX_VALUE}) {
      MemorySegment[] given = new MemorySegment[2];
      try (Arena memory = Arena.ofConfined();
          RecordReader reader = RecordReader.open(source);
          RecordWriter writer = RecordWriter.open(directory.resolve("file" + wrong))) {
        RecordBatch batch = reader.nextBatch(remembering(memory, given));
        for (MemorySegment segment : given) {
          if (segment != null && segment.byteSize() >= PER_CHUNK * Long.BYTES) {
            for (long at = 0; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) {
              segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, wrong);
            }
          }
        }
        assertThatIllegalStateException()
            .isThrownBy(() -> writer.write(batch))
            .withMessageContaining("ends outside its data");
        assertThat(writer.recordCount()).isZero();
        writer.write(record(0));
        writer.flush();
      }
    }
  }

  private static Arena remembering(Arena arena, MemorySegment[] given) {
    return new Arena() {
      private int next;

      @Override
      public MemorySegment allocate(long byteSize, long byteAlignment) {
        MemorySegment segment = arena.allocate(byteSize, byteAlignment);
        given[next++ % given.length] = segment;
        return segment;
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
}

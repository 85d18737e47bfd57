package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ReaderOptions#withDataAlignment} and {@link RecordBatch#fixedSize()}. */
class DataAlignmentTest {
  private static final int CHUNKS = 12;
  private static final int FLOATS = 16;

  @TempDir private Path directory;

  /** Vectors of floats, in chunks of different numbers of vectors. */
  private Path vectors(WriterOptions options) throws IOException {
    Path file = directory.resolve("vectors");
    try (RecordWriter writer = RecordWriter.open(file, options);
        Arena arena = Arena.ofConfined()) {
      MemorySegment vector = arena.allocate(ValueLayout.JAVA_FLOAT, FLOATS);
      int number = 0;
      for (int chunk = 1; chunk <= CHUNKS; chunk++) {
        for (int i = 0; i < chunk * 7; i++) {
          for (int j = 0; j < FLOATS; j++) {
            vector.setAtIndex(ValueLayout.JAVA_FLOAT, j, number + j);
          }
          number++;
          writer.write(vector);
        }
        writer.flush();
      }
    }
    return file;
  }

  private static int check(RecordBatch batch, int alignment, int first) {
    MemorySegment data = batch.data();
    assertThat(data.address() % alignment).isZero();
    assertThat(batch.fixedSize()).hasValue(FLOATS * Float.BYTES);
    for (int i = 0; i < batch.recordCount(); i++) {
      // An aligned layout: it throws if the address is not a multiple of 4.
      float found = data.get(ValueLayout.JAVA_FLOAT, (long) i * FLOATS * Float.BYTES);
      assertThat(found).isEqualTo(first + i);
    }
    return first + batch.recordCount();
  }

  @ParameterizedTest
  @CsvSource({
    "4, none, false, 0",
    "4, zstd, true, 0",
    "64, none, false, 2",
    "64, zstd, true, 2",
    "256, none, false, 0",
    "4096, zstd, false, 0",
    "4096, none, true, 3"
  })
  void batchesAreAligned(int alignment, String compression, boolean transposed, int parallelism)
      throws IOException {
    WriterOptions written =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withCompression(Compression.parse(compression));
    Path file = vectors(written.withTranspose(transposed));
    ReaderOptions options =
        ReaderOptions.defaults().withDataAlignment(alignment).withParallelism(parallelism);
    try (RecordReader reader = RecordReader.open(file, options)) {
      int next = 0;
      for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        next = check(batch, alignment, next);
        batch.close();
      }
      assertThat(next).isEqualTo(7 * CHUNKS * (CHUNKS + 1) / 2);
    }
    try (RecordReader reader = RecordReader.open(file, options);
        Arena arena = Arena.ofConfined()) {
      int next = 0;
      for (RecordBatch batch = reader.nextBatch(arena);
          batch != null;
          batch = reader.nextBatch(arena)) {
        next = check(batch, alignment, next);
        arena.allocate(1, 1); // The next address of the arena is odd.
      }
      assertThat(next).isEqualTo(7 * CHUNKS * (CHUNKS + 1) / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "zstd"})
  void batchesOfShardsAreAligned(String compression) throws IOException {
    WriterOptions written =
        WriterOptions.defaults().withCompression(Compression.parse(compression));
    List<Path> files = List.of(vectors(written));
    MultiThreadedReaderOptions options =
        MultiThreadedReaderOptions.defaults()
            .withReaderOptions(ReaderOptions.defaults().withDataAlignment(4096));
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.of(files), options)) {
      int next = 0;
      for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        next = check(batch, 4096, next);
        batch.close();
      }
      assertThat(next).isEqualTo(7 * CHUNKS * (CHUNKS + 1) / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -4, 0, 3, 12, 8192})
  void alignmentsThatAreNone(int bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReaderOptions.defaults().withDataAlignment(bytes))
        .withMessageContaining(Integer.toString(bytes));
  }

  @Test
  void sizesDifferOrDoNot() throws IOException {
    assertThat(fixedSize(List.of(new byte[3], new byte[3]))).isEqualTo(3);
    assertThat(fixedSize(List.of(new byte[5]))).isEqualTo(5);
    assertThat(fixedSize(List.of(new byte[0], new byte[0]))).isZero();
    assertThat(fixedSize(List.of(new byte[3], new byte[4]))).isEqualTo(-1);
    assertThat(fixedSize(List.of(new byte[3], new byte[3], new byte[0]))).isEqualTo(-1);
    assertThat(fixedSize(List.of(new byte[2], new byte[4], new byte[0]))).isEqualTo(-1);
  }

  private long fixedSize(List<byte[]> records) throws IOException {
    Path file = directory.resolve("records");
    WriterOptions overwrite = WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
    try (RecordWriter writer = RecordWriter.open(file, overwrite)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    try (RecordReader reader = RecordReader.open(file);
        RecordBatch batch = reader.nextBatch()) {
      assertThat(batch.fixedSize()).isEqualTo(batch.fixedSize());
      return batch.fixedSize().orElse(-1);
    }
  }

  @Test
  void batchesThatEndedHaveNoSize() throws IOException {
    try (RecordReader reader = RecordReader.open(vectors(WriterOptions.defaults()))) {
      RecordBatch batch = reader.nextBatch();
      assertThat(batch.fixedSize()).isPresent();
      batch.close();
      assertThatIllegalStateException().isThrownBy(batch::fixedSize);
    }
  }
}

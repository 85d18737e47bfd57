package io.disky.loader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.loading.HugeBatch;
import io.disky.testing.SampleRecords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of the records of a batch, except columns. */
class CollationTest {
  private static final int[] SIZES = {3, 0, 1000, 64, 1};

  /** An arena whose memory is on the Java heap. */
  private static Arena wrong() {
    return new Arena() {
      @Override
      public MemorySegment allocate(long byteSize, long byteAlignment) {
        return MemorySegment.ofArray(new long[(int) byteSize]);
      }

      @Override
      public MemorySegment.Scope scope() {
        return Arena.global().scope();
      }

      @Override
      public void close() {}
    };
  }

  private static LoadedBatch batch(int... sizes) {
    return LoadedBatches.of(SampleRecords.ofSizes(sizes));
  }

  private static void assertAligned(MemorySegment segment) {
    assertThat(segment.isNative()).isTrue();
    assertThat(segment.address() % 64).isZero();
  }

  @Test
  void matricesAreTheRecordsThemselves() {
    try (LoadedBatch batch = batch(12, 12, 12)) {
      MemorySegment matrix = batch.matrix();
      assertThat(matrix.address()).isEqualTo(batch.data().address()).isEqualTo(address(batch, 0));
      assertThat(matrix.byteSize()).isEqualTo(36);
      assertThat(batch.fixedSize()).hasValue(12);
      assertAligned(matrix);
      ByteBuffer buffer = batch.matrixBuffer();
      assertThat(MemorySegment.ofBuffer(buffer).address()).isEqualTo(matrix.address());
      assertBuffer(buffer, matrix);
      assertBuffer(batch.dataBuffer(), matrix);
    }
  }

  private static long address(LoadedBatch batch, int index) {
    return batch.get(index).address();
  }

  private static void assertBuffer(ByteBuffer buffer, MemorySegment expected) {
    assertThat(buffer.isDirect()).isTrue();
    assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
    assertThat(buffer.remaining()).isEqualTo((int) expected.byteSize());
    assertThat(MemorySegment.ofBuffer(buffer).mismatch(expected)).isEqualTo(-1);
  }

  @Test
  void recordsOfDifferentSizesAreNotAMatrix() {
    try (LoadedBatch batch = batch(12, 12, 13);
        Arena arena = Arena.ofConfined()) {
      for (Runnable call : List.<Runnable>of(batch::matrix, () -> batch.matrix(arena))) {
        assertThatIllegalStateException()
            .isThrownBy(call::run)
            .withMessageContaining("record 2 has 13 bytes, record 0 has 12");
      }
    }
  }

  @Test
  void copiesOutliveTheBatch() {
    List<byte[]> records = SampleRecords.ofSizes(12, 12, 12);
    try (Arena arena = Arena.ofConfined()) {
      LoadedBatch batch = LoadedBatches.of(records);
      List<MemorySegment> copies = List.of(batch.matrix(arena), batch.data(arena));
      MemorySegment offsets = batch.offsets(arena);
      batch.close();
      for (MemorySegment copy : copies) {
        assertAligned(copy);
        copy.set(JAVA_BYTE, 0, records.get(0)[0]); // it may be written
        for (int i = 0; i < 3; i++) {
          assertThat(copy.asSlice(i * 12L, 12).toArray(JAVA_BYTE)).isEqualTo(records.get(i));
        }
      }
      assertAligned(offsets);
      assertThat(offsets.toArray(JAVA_LONG)).containsExactly(0, 12, 24, 36);
    }
  }

  @Test
  void offsetsOf64BitsAreNotCopied() {
    try (LoadedBatch batch = batch(SIZES)) {
      assertAligned(batch.offsets());
      assertThat(batch.offsets().address()).isEqualTo(batch.offsets().address());
      assertThat(batch.ends().address()).isEqualTo(batch.offsets().address() + 8);
      assertThat(batch.offsets().toArray(JAVA_LONG)).containsExactly(0, 3, 3, 1003, 1067, 1068);
    }
  }

  @Test
  void offsetsOf32Bits() {
    try (LoadedBatch batch = batch(SIZES);
        Arena arena = Arena.ofConfined()) {
      for (MemorySegment offsets : List.of(batch.intOffsets(), batch.intOffsets(arena))) {
        assertAligned(offsets);
        assertThat(offsets.toArray(JAVA_INT)).containsExactly(0, 3, 3, 1003, 1067, 1068);
      }
    }
  }

  @Test
  void offsetsOf32BitsDoNotReachFurtherThanAnInt() {
    try (LoadedBatch batch = LoadedBatches.of(HugeBatch.of(Integer.MAX_VALUE))) {
      assertThat(batch.intOffsets().toArray(JAVA_INT)).containsExactly(0, Integer.MAX_VALUE);
    }
    try (LoadedBatch batch = LoadedBatches.of(HugeBatch.of(Integer.MAX_VALUE + 1L))) {
      assertThatIllegalStateException()
          .isThrownBy(batch::intOffsets)
          .withMessageContaining("step 0 of epoch 0")
          .withMessageContaining("2147483648 bytes")
          .withMessageContaining("64 bits");
      assertThat(batch.offsets().toArray(JAVA_LONG)).containsExactly(0, Integer.MAX_VALUE + 1L);
      assertThatIllegalStateException()
          .isThrownBy(batch::dataBuffer)
          .withMessageContaining("2147483648");
      assertThat(batch.data().byteSize()).isEqualTo(Integer.MAX_VALUE + 1L);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1000, 1001, 4096})
  void rowsHaveTheRecordAndZeros(long width) {
    List<byte[]> records = SampleRecords.ofSizes(SIZES);
    try (LoadedBatch batch = LoadedBatches.of(records);
        Arena arena = Arena.ofConfined()) {
      for (PaddedRecords padded : List.of(batch.padded(width), batch.padded(width, arena))) {
        assertRows(padded, records, (int) width);
      }
    }
  }

  private static void assertRows(PaddedRecords padded, List<byte[]> records, int width) {
    assertThat(padded.width()).isEqualTo(width);
    assertThat(padded.data().byteSize()).isEqualTo((long) records.size() * width);
    assertAligned(padded.data());
    assertAligned(padded.lengths());
    for (int i = 0; i < records.size(); i++) {
      assertThat(padded.data().asSlice((long) i * width, width).toArray(JAVA_BYTE))
          .isEqualTo(Arrays.copyOf(records.get(i), width));
      assertThat(padded.lengths().getAtIndex(JAVA_LONG, i)).isEqualTo(records.get(i).length);
    }
    assertBuffer(padded.dataBuffer(), padded.data());
    assertBuffer(padded.lengthsBuffer(), padded.lengths());
  }

  /** The memory of results is used again, so it has contents when a result begins. */
  @Test
  void rowsAreAsLongAsTheLargestRecord() {
    List<byte[]> records = SampleRecords.ofSizes(SIZES);
    for (int round = 0; round < 5; round++) {
      try (LoadedBatch before = batch(5000, 3000)) {
        before.padded();
      }
      try (LoadedBatch batch = LoadedBatches.of(records)) {
        assertRows(batch.padded(), records, 1000);
      }
    }
  }

  @Test
  void recordsThatDoNotFitTheirRow() {
    try (LoadedBatch batch = batch(SIZES)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.padded(999))
          .withMessageContaining("record 2")
          .withMessageContaining("1000 bytes, more than the width of 999");
      assertThatIllegalArgumentException().isThrownBy(() -> batch.padded(-1));
    }
  }

  @Test
  void rowsOfAHugeRecord() {
    try (LoadedBatch batch = LoadedBatches.of(HugeBatch.of(Long.MAX_VALUE / 2))) {
      assertThatIllegalArgumentException().isThrownBy(() -> batch.padded(1L << 40));
    }
  }

  @Test
  void batchesWithoutRecords() {
    try (LoadedBatch batch = LoadedBatches.of(List.of());
        Arena arena = Arena.ofConfined()) {
      assertThat(batch.recordCount()).isZero();
      assertThat(batch.matrix().byteSize()).isZero();
      assertThat(batch.matrix(arena).byteSize()).isZero();
      assertThat(batch.ends().byteSize()).isZero();
      assertThat(batch.intOffsets().toArray(JAVA_INT)).containsExactly(0);
      assertThat(batch.padded().data().byteSize()).isZero();
      assertThat(batch.padded(10).lengths().byteSize()).isZero();
      assertThat(batch.dataBuffer().remaining()).isZero();
      assertThat(batch).isEmpty();
    }
  }

  @Test
  void manyResultsOfOneBatch() {
    try (LoadedBatch batch = batch(SIZES)) {
      List<MemorySegment> results =
          IntStream.range(0, 20).mapToObj(i -> batch.padded(1000 + i).data()).toList();
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).byteSize()).isEqualTo(5L * (1000 + i));
        assertThat(results.get(i).get(JAVA_BYTE, 0)).isEqualTo(batch.get(0).get(JAVA_BYTE, 0));
      }
    }
  }

  @Test
  void arenasThatGiveOtherMemoryThanRequested() {
    try (LoadedBatch batch = batch(12, 12)) {
      for (Runnable call :
          List.<Runnable>of(
              () -> batch.matrix(wrong()),
              () -> batch.intOffsets(wrong()),
              () -> batch.padded(20, wrong()))) {
        assertThatIllegalArgumentException()
            .isThrownBy(call::run)
            .withMessageContaining("memory of the Java heap");
      }
      Arena ended;
      try (Arena closed = Arena.ofConfined()) {
        ended = closed;
      }
      assertThatIllegalStateException().isThrownBy(() -> batch.matrix(ended));
      assertThat(batch.matrix().byteSize()).isEqualTo(24);
    }
  }
}

package io.disky.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Vector API has the guard of a record: docs/guides/bypassing-the-guard.md says so. */
class VectorViewTest {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("file");
    RecordWriter.writeAtomically(
        file,
        writer -> {
          for (int i = 0; i < 2; i++) {
            writer.write(new byte[4 * FLOATS.vectorByteSize()]);
          }
        });
  }

  private static float sum(MemorySegment record) {
    return FloatVector.fromMemorySegment(FLOATS, record, FLOATS.vectorByteSize(), ORDER)
        .reduceLanes(VectorOperators.ADD);
  }

  @Test
  void vectorsOfAClosedBatchThrow() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      RecordBatch batch = reader.nextBatch();
      MemorySegment record = batch.get(1);
      assertThat(sum(record)).isZero();
      batch.close();
      assertThatIllegalStateException().isThrownBy(() -> sum(record)).withMessage("Already closed");
      VectorMask<Byte> first = VectorMask.fromLong(ByteVector.SPECIES_PREFERRED, 1);
      assertThatIllegalStateException()
          .isThrownBy(() ->
              ByteVector.fromMemorySegment(ByteVector.SPECIES_PREFERRED, record, 0, ORDER, first))
          .withMessage("Already closed");
    }
  }

  /** A vector of another record cannot be read across the end of this one. */
  @Test
  void noVectorReachesPastTheRecord() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      MemorySegment record = reader.next();
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () -> FloatVector.fromMemorySegment(FLOATS, record, record.byteSize() - 1, ORDER));
    }
  }
}

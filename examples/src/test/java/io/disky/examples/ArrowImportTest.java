package io.disky.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.loader.ArrowType;
import io.disky.loader.Columns;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoadedBatches;
import io.disky.testing.SampleRecords;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.c.ArrowArray;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Arrow's own implementation makes of exported batches. */
class ArrowImportTest {
  private static final List<byte[]> RECORDS = SampleRecords.ofSizes(3, 0, 1000, 64, 1);
  private static final List<byte[]> EQUAL = SampleRecords.ofSizes(16, 16, 16);

  private BufferAllocator allocator;

  @BeforeEach
  void setUp() {
    allocator = new RootAllocator();
  }

  /** Fails if anything was not released. */
  @AfterEach
  void tearDown() {
    allocator.close();
  }

  /** What a batch exports. */
  private interface Export {
    void to(MemorySegment array, MemorySegment schema);
  }

  private FieldVector imported(Export export) {
    try (ArrowArray array = ArrowArray.allocateNew(allocator);
        ArrowSchema schema = ArrowSchema.allocateNew(allocator)) {
      export.to(
          MemorySegment.ofAddress(array.memoryAddress()).reinterpret(80),
          MemorySegment.ofAddress(schema.memoryAddress()).reinterpret(72));
      return Data.importVector(allocator, array, schema, null);
    }
  }

  @Test
  void theExamplePassesAllRecords() {
    List<LoadedBatch> batches = List.of(LoadedBatches.of(RECORDS), LoadedBatches.of(EQUAL));
    List<byte[]> found = new ArrayList<>();
    ArrowImport.forEach(
        allocator,
        batches,
        vector -> {
          for (int i = 0; i < vector.getValueCount(); i++) {
            found.add(((LargeVarBinaryVector) vector).get(i));
          }
        });
    SampleRecords.assertSame(found, SampleRecords.concatenate(RECORDS, EQUAL));
  }

  @Test
  void theVectorIsTheMemoryOfTheBatch() throws InterruptedException {
    LoadedBatch batch = LoadedBatches.of(RECORDS);
    FieldVector vector = ArrowImport.vector(allocator, batch);
    assertThat(vector.getNullCount()).isZero();
    assertThat(vector.getDataBuffer().memoryAddress()).isEqualTo(batch.data().address());
    assertThat(vector.getOffsetBuffer().memoryAddress()).isEqualTo(batch.offsets().address());
    assertThatIllegalStateException().isThrownBy(batch::close);
    assertThat(((LargeVarBinaryVector) vector).get(2)).isEqualTo(RECORDS.get(2));
    vector.close();
    assertThat(batch.awaitReleased(Duration.ZERO)).isTrue();
    batch.close();
  }

  @Test
  void binary() {
    try (LoadedBatch batch = LoadedBatches.of(RECORDS);
        FieldVector vector =
            imported((array, schema) -> batch.exportArrow(array, schema, ArrowType.BINARY))) {
      assertThat(vector.getDataBuffer().memoryAddress()).isEqualTo(batch.data().address());
      for (int i = 0; i < RECORDS.size(); i++) {
        assertThat(((VarBinaryVector) vector).get(i)).isEqualTo(RECORDS.get(i));
      }
    }
  }

  @Test
  void fixedSizeBinary() {
    try (LoadedBatch batch = LoadedBatches.of(EQUAL);
        FieldVector vector =
            imported(
                (array, schema) -> batch.exportArrow(array, schema, ArrowType.FIXED_SIZE_BINARY))) {
      assertThat(vector.getDataBuffer().memoryAddress()).isEqualTo(batch.matrix().address());
      for (int i = 0; i < EQUAL.size(); i++) {
        assertThat(((FixedSizeBinaryVector) vector).get(i)).isEqualTo(EQUAL.get(i));
      }
    }
  }

  @Test
  void columns() {
    StructLayout layout =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_FLOAT_UNALIGNED.withName("label"),
            MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_FLOAT_UNALIGNED).withName("features"));
    List<float[]> rows = Rows.of(50, 4);
    try (LoadedBatch batch = Rows.batches(rows, 50).getFirst();
        ColumnsAndVector imported = importedColumns(batch, layout)) {
      StructVector struct = (StructVector) imported.vector();
      Float4Vector labels = (Float4Vector) struct.getChild("label");
      FixedSizeListVector features = (FixedSizeListVector) struct.getChild("features");
      Float4Vector values = (Float4Vector) features.getDataVector();
      assertThat(labels.getDataBuffer().memoryAddress())
          .isEqualTo(imported.columns().column("label").address());
      assertThat(values.getDataBuffer().memoryAddress())
          .isEqualTo(imported.columns().column("features").address());
      for (int i = 0; i < rows.size(); i++) {
        assertThat(labels.get(i)).isEqualTo(rows.get(i)[0]);
        for (int j = 0; j < 3; j++) {
          assertThat(values.get(3 * i + j)).isEqualTo(rows.get(i)[1 + j]);
        }
      }
    }
  }

  private record ColumnsAndVector(Columns columns, FieldVector vector) implements AutoCloseable {
    @Override
    public void close() {
      vector.close();
    }
  }

  private ColumnsAndVector importedColumns(LoadedBatch batch, StructLayout layout) {
    Columns columns = batch.columns(layout);
    return new ColumnsAndVector(columns, imported(columns::exportArrow));
  }

  @Test
  void batchesWithoutRecords() {
    for (ArrowType type : List.of(ArrowType.LARGE_BINARY, ArrowType.BINARY)) {
      try (LoadedBatch batch = LoadedBatches.of(List.of());
          FieldVector vector =
              imported((array, schema) -> batch.exportArrow(array, schema, type))) {
        assertThat(vector.getValueCount()).isZero();
      }
    }
  }

  @Test
  void onlyEmptyRecords() {
    List<byte[]> records = List.of(new byte[0], new byte[0]);
    for (ArrowType type : List.of(ArrowType.LARGE_BINARY, ArrowType.BINARY)) {
      try (LoadedBatch batch = LoadedBatches.of(records);
          FieldVector vector =
              imported((array, schema) -> batch.exportArrow(array, schema, type))) {
        assertThat(vector.getValueCount()).isEqualTo(2);
      }
    }
  }
}

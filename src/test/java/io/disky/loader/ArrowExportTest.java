package io.disky.loader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.collation.ArrowExports;
import io.disky.lifetime.GarbageCollection;
import io.disky.loading.FilledBatch;
import io.disky.loading.HugeBatch;
import io.disky.memory.BatchBuffer;
import io.disky.testing.SampleRecords;
import io.disky.testing.WorkerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches in the hands of a consumer of Arrow's C Data Interface. */
class ArrowExportTest {
  private static final List<byte[]> RECORDS = SampleRecords.ofSizes(3, 0, 1000, 64, 1);
  private static final List<byte[]> EQUAL = SampleRecords.ofSizes(16, 16, 16);

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT_UNALIGNED.withName("müller"),
          MemoryLayout.paddingLayout(4),
          MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_INT_UNALIGNED).withName("pair"));

  private Arena arena;
  private ArrowConsumer consumer;
  private int existing;

  @BeforeEach
  @SuppressWarnings("MustBeClosedChecker") // closed by tearDown
  void setUp() {
    arena = Arena.ofShared();
    consumer = ArrowConsumer.allocate(arena);
    existing = ArrowExports.existing();
  }

  @AfterEach
  void tearDown() {
    assertThat(ArrowExports.existing()).as("exports that were not released").isEqualTo(existing);
    arena.close();
  }

  private void release() {
    consumer.releaseArray();
    consumer.releaseSchema();
  }

  private static LoadedBatch export(List<byte[]> records, ArrowType type, ArrowConsumer consumer) {
    LoadedBatch batch = LoadedBatches.of(records);
    batch.exportArrow(consumer.array(), consumer.schema(), type);
    return batch;
  }

  @Test
  void largeBinaryIsTheMemoryOfTheBatch() {
    try (LoadedBatch batch = LoadedBatches.of(RECORDS)) {
      batch.exportArrow(consumer.array(), consumer.schema());
      assertArray("Z", 5, 3);
      assertThat(consumer.buffer(1)).isEqualTo(batch.offsets().address());
      assertThat(consumer.buffer(2)).isEqualTo(batch.data().address());
      MemorySegment offsets = consumer.buffer(1, 6 * 8);
      for (int i = 0; i < 5; i++) {
        long begin = offsets.getAtIndex(JAVA_LONG, i);
        long size = offsets.getAtIndex(JAVA_LONG, i + 1) - begin;
        assertThat(consumer.buffer(2, 1068).asSlice(begin, size).toArray(JAVA_BYTE))
            .isEqualTo(RECORDS.get(i));
      }
      release();
    }
  }

  /** What holds of every array: no null values, no offset, nothing shared. */
  private void assertArray(String format, long length, int buffers) {
    assertThat(consumer.format()).isEqualTo(format);
    assertThat(consumer.name()).isEmpty();
    assertThat(consumer.flags()).isZero();
    assertThat(consumer.length()).isEqualTo(length);
    assertThat(consumer.nullCount()).isZero();
    assertThat(consumer.offset()).isZero();
    assertThat(consumer.bufferCount()).isEqualTo(buffers);
    assertThat(consumer.childCount()).isZero();
    assertThat(consumer.buffer(0)).isZero();
    for (int i = 1; i < buffers; i++) {
      assertThat(consumer.buffer(i) % 64).isZero();
    }
  }

  @Test
  void binaryHasOffsetsOf32Bits() {
    try (LoadedBatch batch = export(RECORDS, ArrowType.BINARY, consumer)) {
      assertArray("z", 5, 3);
      assertThat(consumer.buffer(1, 24).toArray(JAVA_INT))
          .containsExactly(0, 3, 3, 1003, 1067, 1068);
      assertThat(consumer.buffer(2)).isEqualTo(batch.data().address());
      release();
    }
  }

  @Test
  void fixedSizeBinaryIsTheMatrix() {
    try (LoadedBatch batch = export(EQUAL, ArrowType.FIXED_SIZE_BINARY, consumer)) {
      assertArray("w:16", 3, 2);
      assertThat(consumer.buffer(1)).isEqualTo(batch.matrix().address());
      release();
    }
  }

  @Test
  void recordsThatDoNotFitTheType() {
    try (LoadedBatch batch = LoadedBatches.of(RECORDS)) {
      assertThatIllegalStateException()
          .isThrownBy(() ->
              batch.exportArrow(consumer.array(), consumer.schema(), ArrowType.FIXED_SIZE_BINARY))
          .withMessageContaining("record 1 has 0 bytes");
    }
    try (LoadedBatch batch = LoadedBatches.of(HugeBatch.of(Integer.MAX_VALUE + 1L))) {
      for (ArrowType type : List.of(ArrowType.BINARY, ArrowType.FIXED_SIZE_BINARY)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> batch.exportArrow(consumer.array(), consumer.schema(), type))
            .withMessageContaining("2147483648");
      }
      batch.exportArrow(consumer.array(), consumer.schema());
      assertThat(consumer.buffer(1, 16).toArray(JAVA_LONG))
          .containsExactly(0, Integer.MAX_VALUE + 1L);
      release();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FIXED_SIZE_BINARY")
  void batchesWithoutRecords(ArrowType type) {
    try (LoadedBatch batch = export(List.of(), type, consumer)) {
      assertThat(batch.recordCount()).isZero();
      assertThat(consumer.length()).isZero();
      for (int i = 1; i < consumer.bufferCount(); i++) {
        assertThat(consumer.buffer(i)).isNotZero();
      }
      release();
    }
  }

  /** Arrow's own implementation for Java divides by the size. */
  @Test
  void recordsWithoutASizeAreNotOfFixedSize() {
    for (List<byte[]> records : List.of(List.<byte[]>of(), List.of(new byte[0], new byte[0]))) {
      try (LoadedBatch batch = LoadedBatches.of(records)) {
        assertThatIllegalStateException()
            .isThrownBy(() ->
                batch.exportArrow(consumer.array(), consumer.schema(), ArrowType.FIXED_SIZE_BINARY))
            .withMessageContaining("use LARGE_BINARY");
      }
    }
  }

  @Test
  void columnsAreAnArrayOfStructs() {
    try (LoadedBatch batch = LoadedBatches.of(EQUAL)) {
      Columns columns = batch.columns(LAYOUT);
      columns.exportArrow(consumer.array(), consumer.schema());
      assertThat(consumer.format()).isEqualTo("+s");
      assertThat(consumer.bufferCount()).isEqualTo(1);
      assertThat(consumer.buffer(0)).isZero();
      assertThat(consumer.childCount()).isEqualTo(2);

      ArrowConsumer number = consumer.child(0);
      assertThat(number.format()).isEqualTo("i");
      assertThat(number.name()).isEqualTo("müller");
      assertThat(number.length()).isEqualTo(3);
      assertThat(number.buffer(1)).isEqualTo(columns.column("müller").address());

      ArrowConsumer pair = consumer.child(1);
      assertThat(pair.format()).isEqualTo("+w:2");
      assertThat(pair.name()).isEqualTo("pair");
      assertThat(pair.length()).isEqualTo(3);
      ArrowConsumer values = pair.child(0);
      assertThat(values.format()).isEqualTo("i");
      assertThat(values.length()).isEqualTo(6);
      assertThat(values.buffer(1)).isEqualTo(columns.column("pair").address());
      release();
      assertThat(number.isArrayReleased()).isTrue();
      assertThat(values.isSchemaReleased()).isTrue();
    }
  }

  @Test
  void typesOfColumns() {
    List<ValueLayout> values =
        List.of(
            ValueLayout.JAVA_BYTE,
            ValueLayout.JAVA_BOOLEAN,
            ValueLayout.JAVA_SHORT_UNALIGNED,
            ValueLayout.JAVA_CHAR_UNALIGNED,
            JAVA_INT.withByteAlignment(1),
            JAVA_LONG.withByteAlignment(1),
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            JAVA_DOUBLE.withByteAlignment(1));
    MemoryLayout[] members = new MemoryLayout[values.size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = values.get(i).withName("column" + i);
    }
    StructLayout layout = MemoryLayout.structLayout(members);
    try (LoadedBatch batch = LoadedBatches.of(List.of(new byte[(int) layout.byteSize()]))) {
      batch.columns(layout).exportArrow(consumer.array(), consumer.schema());
      StringBuilder formats = new StringBuilder();
      for (int i = 0; i < members.length; i++) {
        formats.append(consumer.child(i).format());
      }
      assertThat(formats.toString()).isEqualTo("cCsSilfg");
      release();
    }
  }

  @Test
  void columnsInAnArenaAreNotExported() {
    try (LoadedBatch batch = LoadedBatches.of(EQUAL)) {
      Columns columns = batch.columns(LAYOUT, arena);
      assertThatIllegalStateException()
          .isThrownBy(() -> columns.exportArrow(consumer.array(), consumer.schema()))
          .withMessageContaining("without an arena");
    }
  }

  @Test
  void exportedBatchesCannotBeClosedUntilTheArrayIsReleased() {
    List<BatchBuffer> returned = new ArrayList<>();
    FilledBatch filled = LoadedBatches.filled(RECORDS, new BatchBuffer(), returned::add);
    LoadedBatch batch = LoadedBatches.of(filled);
    batch.exportArrow(consumer.array(), consumer.schema());
    for (int i = 0; i < 2; i++) {
      assertThatIllegalStateException()
          .isThrownBy(batch::close)
          .withMessageContaining("step 2 of epoch 1")
          .withMessageContaining("not released 1 array");
      filled.closeIfOwned();
      assertThat(filled.isClosed()).isFalse();
      assertThat(batch.get(0).toArray(JAVA_BYTE)).isEqualTo(RECORDS.get(0));
    }
    assertThat(returned).isEmpty();

    consumer.releaseArray();
    assertThat(consumer.isArrayReleased()).isTrue();
    batch.close();
    batch.close();
    assertThat(returned).hasSize(1);

    // The schema does not need the batch.
    assertThat(consumer.format()).isEqualTo("Z");
    consumer.releaseSchema();
    assertThat(consumer.isSchemaReleased()).isTrue();
  }

  @Test
  void theSchemaMayBeReleasedFirst() {
    try (LoadedBatch batch = export(RECORDS, ArrowType.LARGE_BINARY, consumer)) {
      consumer.releaseSchema();
      assertThatIllegalStateException().isThrownBy(batch::close);
      assertThat(consumer.buffer(2, 1068).mismatch(batch.data())).isEqualTo(-1);
      consumer.releaseArray();
    }
  }

  @Test
  void movedStructuresAreReleasedWhereTheyAre() {
    ArrowConsumer moved;
    try (LoadedBatch batch = LoadedBatches.of(EQUAL)) {
      try (Arena first = Arena.ofConfined()) {
        ArrowConsumer original = ArrowConsumer.allocate(first);
        batch.columns(LAYOUT).exportArrow(original.array(), original.schema());
        moved = original.move(arena);
        assertThat(original.isArrayReleased()).isTrue();
      }
      assertThatIllegalStateException().isThrownBy(batch::close);
      assertThat(moved.child(1).child(0).length()).isEqualTo(6);
      moved.releaseArray();
      assertThat(moved.isArrayReleased()).isTrue();
    }
    assertThat(moved.child(0).name()).isEqualTo("müller");
    moved.releaseSchema();
  }

  /** A child may be moved out of its parent and outlive it. */
  @Test
  void movedChildrenKeepTheBatch() {
    try (LoadedBatch batch = LoadedBatches.of(EQUAL)) {
      Columns columns = batch.columns(LAYOUT);
      columns.exportArrow(consumer.array(), consumer.schema());
      ArrowConsumer child = consumer.child(1).move(arena);
      release();
      assertThatIllegalStateException().isThrownBy(batch::close);
      assertThat(child.child(0).buffer(1, 24).mismatch(columns.column("pair"))).isEqualTo(-1);
      assertThat(child.name()).isEqualTo("pair");
      child.releaseArray();
      child.releaseSchema();
    }
  }

  @Test
  void aBatchMayBeExportedSeveralTimes() {
    ArrowConsumer second = ArrowConsumer.allocate(arena);
    try (LoadedBatch batch = export(EQUAL, ArrowType.LARGE_BINARY, consumer)) {
      batch.exportArrow(second.array(), second.schema(), ArrowType.BINARY);
      assertThatIllegalStateException().isThrownBy(batch::close).withMessageContaining("2 arrays");
      release();
      assertThatIllegalStateException().isThrownBy(batch::close).withMessageContaining("1 array:");
      second.releaseArray();
      second.releaseSchema();
    }
  }

  @Test
  void anyThreadMayRelease() throws Exception {
    try (WorkerThread other = new WorkerThread();
        LoadedBatch batch = export(RECORDS, ArrowType.LARGE_BINARY, consumer)) {
      assertThat(batch.awaitReleased(Duration.ZERO)).isFalse();
      other.run(this::release);
      assertThat(batch.awaitReleased(Duration.ZERO)).isTrue();
    }
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void awaitReleasedWaits() throws Exception {
    try (LoadedBatch batch = export(RECORDS, ArrowType.LARGE_BINARY, consumer)) {
      assertThat(batch.awaitReleased(Duration.ofMillis(5))).isFalse();
      Thread releasing = Thread.ofPlatform().start(this::release);
      assertThat(batch.awaitReleased(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
      releasing.join();
    }
  }

  @Test
  void awaitReleasedCanBeInterrupted() {
    try (LoadedBatch batch = export(RECORDS, ArrowType.LARGE_BINARY, consumer)) {
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(() -> batch.awaitReleased(Duration.ofDays(1)));
      release();
    }
  }

  @Test
  void nothingToWaitForWithoutAnExport() throws Exception {
    try (LoadedBatch batch = LoadedBatches.of(RECORDS)) {
      assertThat(batch.awaitReleased(Duration.ZERO)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void forgottenExportsKeepTheMemory(boolean columns) throws Exception {
    WeakReference<FilledBatch> forgotten = forget(columns);
    GarbageCollection.run();
    // Memory that other batches take must not be the memory that was exported.
    for (int i = 0; i < 50; i++) {
      try (LoadedBatch batch = LoadedBatches.of(List.of(new byte[48]))) {
        batch.padded();
      }
    }
    if (columns) {
      assertThat(consumer.child(1).child(0).length()).isEqualTo(6);
    } else {
      byte[] all = consumer.buffer(2, 48).toArray(JAVA_BYTE);
      for (int i = 0; i < 3; i++) {
        assertThat(MemorySegment.ofArray(all).asSlice(16L * i, 16).toArray(JAVA_BYTE))
            .isEqualTo(EQUAL.get(i));
      }
    }
    assertThat(forgotten.get()).isNotNull();
    release();
    assertThat(ArrowExports.existing()).isEqualTo(existing);
    assertThat(GarbageCollection.clears(forgotten)).isTrue();
  }

  private WeakReference<FilledBatch> forget(boolean columns) {
    FilledBatch filled = LoadedBatches.filled(EQUAL, new BatchBuffer(), buffer -> {});
    LoadedBatch batch = LoadedBatches.of(filled);
    if (columns) {
      batch.columns(LAYOUT).exportArrow(consumer.array(), consumer.schema());
    } else {
      batch.exportArrow(consumer.array(), consumer.schema());
    }
    return new WeakReference<>(filled);
  }

  @Test
  void memoryThatStructuresCannotBeWrittenTo() {
    MemorySegment array = consumer.array();
    MemorySegment schema = consumer.schema();
    MemorySegment both = arena.allocate(200, 8);
    List<MemorySegment> unsuitable =
        List.of(
            MemorySegment.NULL,
            MemorySegment.ofAddress(array.address()),
            array.asSlice(0, 71),
            array.asReadOnly(),
            both.asSlice(4),
            MemorySegment.ofArray(new long[20]));
    try (LoadedBatch batch = LoadedBatches.of(RECORDS)) {
      for (MemorySegment memory : unsuitable) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> batch.exportArrow(memory, schema))
            .withMessageContaining("80 bytes");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> batch.exportArrow(array, memory))
            .withMessageContaining("72 bytes");
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.exportArrow(both.asSlice(0, 80), both.asSlice(72)))
          .withMessageContaining("overlaps");
    }
  }

  @Test
  void structuresOfAnotherThreadOrAClosedArena() throws Exception {
    try (WorkerThread other = new WorkerThread();
        LoadedBatch batch = LoadedBatches.of(RECORDS)) {
      Arena theirs = other.call(Arena::ofConfined);
      ArrowConsumer foreign = other.call(() -> ArrowConsumer.allocate(theirs));
      assertThatThrownBy(() -> batch.exportArrow(foreign.array(), consumer.schema()))
          .isInstanceOf(WrongThreadException.class);
      // The schema was written, and is complete.
      assertThat(consumer.format()).isEqualTo("Z");
      assertThat(ArrowExports.existing()).isEqualTo(existing + 1);
      consumer.releaseSchema();
      assertThat(ArrowExports.existing()).isEqualTo(existing);

      assertThatThrownBy(() -> batch.exportArrow(consumer.array(), foreign.schema()))
          .isInstanceOf(WrongThreadException.class);
      other.run(theirs::close);

      ArrowConsumer ended;
      try (Arena closed = Arena.ofConfined()) {
        ended = ArrowConsumer.allocate(closed);
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> batch.exportArrow(ended.array(), ended.schema()));
    }
  }

  @Test
  void onlyTheOwnerExports() throws Exception {
    try (WorkerThread other = new WorkerThread();
        LoadedBatch batch = LoadedBatches.of(RECORDS)) {
      assertThat(batch.data()).isNotNull();
      assertThat(other.thrownBy(() -> batch.exportArrow(consumer.array(), consumer.schema())))
          .isInstanceOf(WrongThreadException.class);
    }
  }

  @Test
  void closedBatchesAreNotExported() {
    LoadedBatch batch = LoadedBatches.of(EQUAL);
    Columns columns = batch.columns(LAYOUT);
    batch.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> batch.exportArrow(consumer.array(), consumer.schema()));
    assertThatIllegalStateException()
        .isThrownBy(() -> columns.exportArrow(consumer.array(), consumer.schema()));
  }

  /** Memory for structures is given back, however often batches are exported. */
  @Test
  void manyExports() {
    for (int i = 0; i < 2_000; i++) {
      try (LoadedBatch batch = LoadedBatches.of(EQUAL)) {
        batch.columns(LAYOUT).exportArrow(consumer.array(), consumer.schema());
        release();
      }
    }
    assertThat(ArrowExports.existing()).isEqualTo(existing);
  }
}

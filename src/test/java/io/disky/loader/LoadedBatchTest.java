package io.disky.loader;

import static io.disky.lifetime.LifetimeAssert.assertForeign;
import static io.disky.loader.LoadedBatches.POSITION;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.GarbageCollection;
import io.disky.lifetime.LifetimeAssert;
import io.disky.loading.BatchFill;
import io.disky.loading.FilledBatch;
import io.disky.memory.BatchBuffer;
import io.disky.testing.SampleRecords;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.StreamSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a batch shows, until when, and to whom. */
@SuppressWarnings("ReturnValueIgnored") // what matters is that it throws
class LoadedBatchTest {
  private static final int[] SIZES = {8, 8, 8};
  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(ValueLayout.JAVA_LONG_UNALIGNED.withName("value"));

  /** A way to touch what belongs to the records of a batch. */
  private interface Touch {
    void run(LoadedBatch batch);
  }

  private static final Map<String, Touch> TOUCHES = touches();
  static final List<String> WAYS = List.copyOf(TOUCHES.keySet());

  private final WorkerThread other = new WorkerThread();

  private static Map<String, Touch> touches() {
    Map<String, Touch> touches = new LinkedHashMap<>();
    touches.put("get", batch -> batch.get(0).get(JAVA_BYTE, 0));
    touches.put("offset", batch -> batch.offset(2));
    touches.put("length", batch -> batch.length(0));
    touches.put("source", batch -> batch.source(0));
    touches.put("number", batch -> batch.number(0));
    touches.put("position", batch -> batch.position(0));
    touches.put("isPadding", batch -> batch.isPadding(0));
    touches.put("fixedSize", batch -> batch.fixedSize());
    touches.put("data", batch -> batch.data().get(JAVA_BYTE, 0));
    touches.put("dataBuffer", batch -> batch.dataBuffer().get(0));
    touches.put("ends", batch -> batch.ends().get(JAVA_BYTE, 0));
    touches.put("offsets", batch -> batch.offsets().get(JAVA_BYTE, 0));
    touches.put("intOffsets", batch -> batch.intOffsets());
    touches.put("matrix", batch -> batch.matrix().get(JAVA_BYTE, 0));
    touches.put("matrixBuffer", batch -> batch.matrixBuffer().get(0));
    touches.put("padded", batch -> batch.padded());
    touches.put("columns", batch -> batch.columns(LAYOUT));
    touches.put("iterator", batch -> batch.iterator().next().get(JAVA_BYTE, 0));
    touches.put("stream", batch -> batch.stream().forEach(record -> record.get(JAVA_BYTE, 0)));
    return touches;
  }

  private static LoadedBatch batch() {
    return LoadedBatches.of(SampleRecords.ofSizes(SIZES));
  }

  @AfterEach
  void tearDown() {
    other.close();
  }

  @Test
  void recordsAndWhatBelongsToThem() {
    List<byte[]> records = SampleRecords.ofSizes(3, 0, 2);
    try (LoadedBatch batch = LoadedBatches.of(records)) {
      assertThat(batch.recordCount()).isEqualTo(3);
      assertThat(batch.epoch()).isEqualTo(LoadedBatches.EPOCH);
      assertThat(batch.step()).isEqualTo(LoadedBatches.STEP);
      assertThat(batch.firstPosition()).isEqualTo(POSITION);
      assertThat(batch.paddingCount()).isZero();
      assertThat(batch.skipped()).isEmpty();
      for (int i = 0; i < 3; i++) {
        assertThat(batch.get(i).toArray(JAVA_BYTE)).isEqualTo(records.get(i));
        assertThat(batch.source(i)).isEqualTo(LoadedBatches.source(i));
        assertThat(batch.number(i)).isEqualTo(LoadedBatches.number(i));
        assertThat(batch.position(i)).isEqualTo(POSITION + i);
        assertThat(batch.isPadding(i)).isFalse();
      }
      assertThat(batch.ends().toArray(JAVA_LONG)).containsExactly(3, 3, 5);
      assertThat(batch.offsets().toArray(JAVA_LONG)).containsExactly(0, 3, 3, 5);
      assertThat(batch)
          .hasToString(
              "LoadedBatch[epoch=1, step=2, firstPosition=1099511627776, recordCount=3, bytes=5]");
    }
  }

  @Test
  void iteratorsAndStreamsHaveTheRecordsInOrder() {
    List<byte[]> records = SampleRecords.ofSizes(3, 0, 2);
    try (LoadedBatch batch = LoadedBatches.of(records)) {
      List<byte[]> iterated = new ArrayList<>();
      for (MemorySegment record : batch) {
        iterated.add(record.toArray(JAVA_BYTE));
      }
      SampleRecords.assertSame(iterated, records);
      SampleRecords.assertSame(
          batch.stream().map(record -> record.toArray(JAVA_BYTE)).toList(), records);
      SampleRecords.assertSame(
          StreamSupport.stream(batch.spliterator(), false)
              .map(record -> record.toArray(JAVA_BYTE))
              .toList(),
          records);
      Iterator<MemorySegment> ended = batch.iterator();
      ended.forEachRemaining(record -> {});
      assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(ended::next);
    }
  }

  @Test
  void skippedRecordsHavePositions() {
    IOException reason = new IOException("damaged");
    BatchFill fill = new BatchFill();
    fill.begin(new BatchBuffer(), 0, 0, 100, 2);
    fill.skip(3, 4, 1, reason);
    try (LoadedBatch batch = LoadedBatches.of(fill.finish(buffer -> {}))) {
      assertThat(batch.skipped()).containsExactly(new SkippedRecord(3, 4, 101, reason));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 3, Integer.MAX_VALUE})
  void recordsThatThereAreNot(int index) {
    try (LoadedBatch batch = batch()) {
      List<ThrowingCallable> calls =
          List.of(
              () -> batch.get(index),
              () -> batch.offset(index),
              () -> batch.length(index),
              () -> batch.source(index),
              () -> batch.number(index),
              () -> batch.position(index),
              () -> batch.isPadding(index));
      for (ThrowingCallable call : calls) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(call);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("WAYS")
  void closedBatchesShowNothing(String way) {
    LoadedBatch batch = batch();
    batch.close();
    batch.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> TOUCHES.get(way).run(batch))
        .withMessageContaining("step 2 of epoch 1");
    assertThat(batch.recordCount()).isEqualTo(3);
    assertThat(batch.firstPosition()).isEqualTo(POSITION);
  }

  @Test
  void segmentsOfClosedBatchesEnd() {
    LoadedBatch batch = batch();
    PaddedRecords padded = batch.padded();
    List<MemorySegment> segments =
        List.of(
            batch.get(1),
            batch.data(),
            batch.offsets(),
            batch.ends(),
            batch.matrix(),
            batch.intOffsets(),
            padded.data(),
            padded.lengths(),
            batch.columns(LAYOUT).column("value"));
    for (MemorySegment segment : segments) {
      assertThat(segment.isReadOnly()).isTrue();
      assertThat(segment.scope().isAlive()).isTrue();
    }
    batch.close();
    segments.forEach(LifetimeAssert::assertEnded);
  }

  @ParameterizedTest
  @FieldSource("WAYS")
  void theFirstTouchDecidesTheThread(String way) throws Exception {
    LoadedBatch batch = batch();
    other.run(() -> TOUCHES.get(way).run(batch));
    for (Touch touch : TOUCHES.values()) {
      assertThatThrownBy(() -> touch.run(batch)).isInstanceOf(WrongThreadException.class);
    }
    assertThatThrownBy(batch::close).isInstanceOf(WrongThreadException.class);
    assertThat(batch.recordCount()).isEqualTo(3);
    other.run(() -> TOUCHES.get(way).run(batch));
    other.run(batch::close);
    assertThatIllegalStateException().isThrownBy(() -> TOUCHES.get(way).run(batch));
  }

  @Test
  void resultsBelongToTheThreadOfTheBatch() throws Exception {
    LoadedBatch batch = batch();
    MemorySegment result = other.call(() -> batch.padded().data());
    assertForeign(result);
    other.run(batch::close);
  }

  @Test
  void untouchedBatchesMayBeClosedByAnyThread() throws Exception {
    LoadedBatch batch = batch();
    assertThat(batch.toString()).isNotEmpty();
    other.run(batch::close);
    assertThatIllegalStateException().isThrownBy(() -> batch.get(0));
    batch.close();
  }

  /** A loader that is closed ends the batches that its thread may end. */
  @Test
  void batchesAreClosedIfOwned() throws Exception {
    List<BatchBuffer> returned = new ArrayList<>();
    FilledBatch filled =
        LoadedBatches.filled(SampleRecords.ofSizes(SIZES), new BatchBuffer(), returned::add);
    LoadedBatch batch = LoadedBatches.of(filled);
    batch.padded();
    other.run(filled::closeIfOwned);
    assertThat(filled.isClosed()).isFalse();
    assertThat(batch.get(0).byteSize()).isEqualTo(8);
    filled.closeIfOwned();
    filled.closeIfOwned();
    assertThat(filled.isClosed()).isTrue();
    assertThat(returned).hasSize(1);
    assertThatIllegalStateException().isThrownBy(() -> batch.get(0));
  }

  @Test
  void segmentsKeepForgottenBatches() throws Exception {
    List<MemorySegment> held = new ArrayList<>();
    WeakReference<LoadedBatch> forgotten = forget(held);
    assertThat(GarbageCollection.clears(forgotten)).isTrue();
    byte[] expected = SampleRecords.ofSizes(SIZES).get(1);
    assertThat(held.get(0).toArray(JAVA_BYTE)).isEqualTo(expected);
    assertThat(held.get(1).asSlice(8, 8).toArray(JAVA_BYTE)).isEqualTo(expected);
  }

  private static WeakReference<LoadedBatch> forget(List<MemorySegment> held) {
    LoadedBatch batch = batch();
    held.add(batch.get(1));
    held.add(batch.padded().data());
    return new WeakReference<>(batch);
  }
}

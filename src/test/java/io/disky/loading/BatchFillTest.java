package io.disky.loading;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.management.ThreadMXBean;
import io.disky.memory.BatchBuffer;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches have what was added, and cost nothing for each record. */
class BatchFillTest {
  private static final int[] SIZES = {0, 5, 0, 0, 1000, 1, 0, 70_000};
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final ArrayDeque<BatchBuffer> returned = new ArrayDeque<>();
  private final BatchFill fill = new BatchFill();
  private long checksum;

  private void begin(int most) {
    BatchBuffer buffer = returned.isEmpty() ? new BatchBuffer() : returned.removeLast();
    fill.begin(buffer, 4, 5, 6_000_000_000L, most);
  }

  private void add(byte[] record, int source, long number, int index) {
    fill.add(MemorySegment.ofArray(record), 0, record.length, source, number, index);
  }

  private FilledBatch finish() {
    return fill.finish(returned::addLast);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recordsLieOneAfterTheOther(boolean reserved) {
    List<byte[]> records = SampleRecords.ofSizes(SIZES);
    begin(SIZES.length + 3);
    if (reserved) {
      fill.reserve(71_006);
    }
    for (int i = 0; i < SIZES.length; i++) {
      add(records.get(i), i, -i, 2 * i);
      assertThat(fill.count()).isEqualTo(i + 1);
    }
    assertThat(fill.size()).isEqualTo(71_006);
    try (FilledBatch batch = finish()) {
      assertThat(batch.count()).isEqualTo(SIZES.length);
      assertThat(batch.epoch()).isEqualTo(4);
      assertThat(batch.step()).isEqualTo(5);
      assertThat(batch.firstPosition()).isEqualTo(6_000_000_000L);
      assertThat(batch.size()).isEqualTo(71_006).isEqualTo(batch.data().byteSize());
      assertThat(batch.longest()).isEqualTo(70_000);
      assertThat(batch.fixedSize()).isEmpty();
      assertThat(batch.memory()).isGreaterThanOrEqualTo(71_006 + 24 * SIZES.length + 8);
      long offset = 0;
      for (int i = 0; i < SIZES.length; i++) {
        assertThat(batch.get(i).toArray(JAVA_BYTE)).isEqualTo(records.get(i));
        assertThat(batch.offset(i)).isEqualTo(offset);
        assertThat(batch.length(i)).isEqualTo(SIZES[i]);
        assertThat(batch.offsets().getAtIndex(JAVA_LONG, i)).isEqualTo(offset);
        offset += SIZES[i];
        assertThat(batch.source(i)).isEqualTo(i);
        assertThat(batch.number(i)).isEqualTo(-i);
        assertThat(batch.position(i)).isEqualTo(6_000_000_000L + 2L * i);
        assertThat(batch.isPadding(i)).isFalse();
      }
      assertThat(batch.offsets().getAtIndex(JAVA_LONG, SIZES.length)).isEqualTo(71_006);
      assertThat(batch.offsets().byteSize()).isEqualTo((SIZES.length + 1) * 8L);
    }
  }

  @Test
  void partsOfASegmentAreAdded() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom("abcdefgh");
      begin(2);
      fill.add(from, 2, 3, 0, 0, 0);
      fill.add(from, 7, 1, 0, 0, 1);
    }
    try (FilledBatch batch = finish()) {
      assertThat(batch.data().toArray(JAVA_BYTE)).isEqualTo("cdeh".getBytes(UTF_8));
    }
  }

  @Test
  void dataAndOffsetsAreAligned() {
    for (int round = 0; round < 20; round++) {
      begin(round);
      for (int i = 0; i < round; i++) {
        add(new byte[7 * round], 0, 0, i);
      }
      try (FilledBatch batch = finish()) {
        assertThat(batch.data().address() % 64).isZero();
        assertThat(batch.offsets().address() % 64).isZero();
      }
    }
  }

  @Test
  void paddingIsMarked() {
    begin(3);
    add(new byte[1], 0, 10, 0);
    fill.addPadding(MemorySegment.ofArray(new byte[1]), 0, 1, 0, 11, 1);
    fill.addPadding(MemorySegment.ofArray(new byte[1]), 0, 1, Integer.MAX_VALUE, 12, 2);
    try (FilledBatch batch = finish()) {
      assertThat(batch.paddingCount()).isEqualTo(2);
      assertThat(batch.isPadding(0)).isFalse();
      assertThat(batch.isPadding(1)).isTrue();
      assertThat(batch.isPadding(2)).isTrue();
      assertThat(batch.source(1)).isZero();
      assertThat(batch.source(2)).isEqualTo(Integer.MAX_VALUE);
      assertThat(batch.number(2)).isEqualTo(12);
    }
    begin(2);
    add(new byte[1], 0, 10, 0);
    try (FilledBatch batch = finish()) {
      assertThat(batch.paddingCount()).isZero();
    }
    begin(2);
    fill.addPadding(MemorySegment.ofArray(new byte[1]), 0, 1, 0, 11, 1);
    assertThatIllegalStateException().isThrownBy(() -> add(new byte[1], 0, 10, 0));
  }

  @Test
  void skippedRecordsAreListed() {
    IOException reason = new IOException("damaged");
    begin(2);
    fill.skip(1, 2, 0, reason);
    add(new byte[1], 0, 10, 1);
    try (FilledBatch batch = finish()) {
      assertThat(batch.skips()).containsExactly(new FilledBatch.Skip(1, 2, 0, reason));
      assertThat(batch.count()).isEqualTo(1);
      assertThat(batch.position(0)).isEqualTo(6_000_000_001L);
    }
    begin(0);
    try (FilledBatch batch = finish()) {
      assertThat(batch.skips()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void batchesWithoutRecords(int most) {
    begin(most);
    try (FilledBatch batch = finish()) {
      assertThat(batch.count()).isZero();
      assertThat(batch.data().byteSize()).isZero();
      assertThat(batch.offsets().toArray(JAVA_LONG)).containsExactly(0);
      assertThat(batch.fixedSize()).isEmpty();
      assertThat(batch.longest()).isZero();
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> batch.get(0));
    }
    assertThat(returned).hasSize(1);
  }

  @Test
  void onlyEmptyRecords() {
    begin(100);
    for (int i = 0; i < 100; i++) {
      add(new byte[0], 0, i, i);
    }
    try (FilledBatch batch = finish()) {
      assertThat(batch.fixedSize()).hasValue(0);
      assertThat(batch.get(99).byteSize()).isZero();
      assertThat(batch.data().byteSize()).isZero();
    }
  }

  /** The first record of another size decides, wherever it is. */
  @Test
  void sizesAreComparedAnewForEachBatch() {
    for (int other = -1; other < 4; other++) {
      begin(4);
      for (int i = 0; i < 4; i++) {
        add(new byte[i == other ? 6 : 5], 0, 0, i);
      }
      try (FilledBatch batch = finish()) {
        assertThat(batch.fixedSize().isPresent()).isEqualTo(other == -1);
      }
    }
  }

  @Test
  void recordsThatWereAddedStayWhileTheBufferGrows() {
    Random random = new Random(7);
    List<byte[]> records = new ArrayList<>();
    begin(3_000);
    for (int i = 0; i < 3_000; i++) {
      byte[] record = SampleRecords.random(random, random.nextInt(300));
      records.add(record);
      add(record, i, i, i);
      if (i % 500 == 0) {
        fill.reserve(random.nextInt(100_000));
      }
    }
    try (FilledBatch batch = finish()) {
      for (int i = 0; i < records.size(); i++) {
        assertThat(batch.get(i).toArray(JAVA_BYTE)).isEqualTo(records.get(i));
      }
    }
  }

  @Test
  void theBufferGoesBackOnceAndIsUsedAgain() {
    begin(10);
    add(new byte[1000], 0, 0, 0);
    FilledBatch first = finish();
    long address = first.data().address();
    first.close();
    first.close();
    assertThat(returned).hasSize(1);

    begin(10);
    add(new byte[900], 0, 0, 0);
    FilledBatch second = finish();
    assertThat(second.data().address()).isEqualTo(address);
    assertThatIllegalStateException().isThrownBy(first::data);
    assertThatIllegalStateException().isThrownBy(() -> first.number(0));
    second.close();
  }

  @Test
  void batchesBeginOneAfterTheOther() {
    assertThatNullPointerException().isThrownBy(() -> fill.reserve(1));
    assertThatNullPointerException().isThrownBy(this::finish);
    begin(1);
    assertThatIllegalStateException().isThrownBy(() -> begin(1));
    add(new byte[1], 0, 0, 0);
    assertThatIllegalStateException().isThrownBy(() -> add(new byte[1], 0, 0, 1));
    assertThat(fill.abandon()).isNotNull();
    assertThatIllegalStateException().isThrownBy(() -> add(new byte[1], 0, 0, 0));
    begin(1);
    finish().close();
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, BatchFill.MOST_RECORDS + 1, Integer.MAX_VALUE})
  void numbersOfRecordsThatNoBatchHas(int most) {
    assertThatIllegalArgumentException().isThrownBy(() -> begin(most));
    begin(0);
  }

  /** In steady state, a batch costs some objects, and a record none. */
  @Test
  void recordsCostNoHeap() {
    MemorySegment record = MemorySegment.ofArray(new byte[40]);
    long few = steady(record, 1_000);
    long many = steady(record, 50_000);
    System.out.println("bytes of heap for a batch: " + few + ", " + many);
    assertThat(checksum).isPositive();
    assertThat(many).isLessThan(2_000);
    assertThat(few).isLessThan(2_000);
  }

  /** The least that a batch of {@code count} records costs, after enough rounds. */
  private long steady(MemorySegment record, int count) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 60; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10; i++) {
        batch(record, count);
      }
      least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / 10);
    }
    return least;
  }

  private void batch(MemorySegment record, int count) {
    begin(count);
    for (int i = 0; i < count; i++) {
      fill.add(record, 0, 40, 1, i, i);
    }
    try (FilledBatch batch = finish()) {
      for (int i = 0; i < count; i++) {
        checksum += batch.offset(i) + batch.number(i) + batch.position(i) + batch.source(i);
      }
    }
  }
}

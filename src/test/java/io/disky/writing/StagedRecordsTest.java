package io.disky.writing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StagedRecordsTest {
  private final StagedRecords staged = new StagedRecords();
  private final ChunkBuffer chunk = ChunkBuffer.ofSize(1 << 20);

  @AfterEach
  void release() {
    chunk.release();
  }

  @BeforeEach
  void allocateMemory() {
    chunk.add(new byte[1], 0, 1);
  }

  private void open() {
    assertThat(chunk.hasRoomForStaged()).isTrue();
    staged.open();
  }

  /** Records of all sizes, at all alignments. */
  @Test
  void bytesAndEnds() {
    byte[] array = new byte[1_000];
    for (int i = 0; i < array.length; i++) {
      array[i] = (byte) (i * 7);
    }
    for (int length = 0; length <= StagedRecords.LARGEST; length++) {
      int offset = length % 11;
      chunk.clear(0);
      open();
      long begin = chunk.size();
      assertThat(staged.tryAdd(array, offset, length)).isTrue();
      assertThat(staged.tryAdd(array, offset + 1, length)).isTrue();
      chunk.addFrom(staged);
      assertThat(chunk.size()).isEqualTo(begin + 2L * length);
      byte[] found = chunk.records().asSlice(begin).toArray(ValueLayout.JAVA_BYTE);
      assertThat(found).startsWith(range(array, offset, length));
      assertThat(found).endsWith(range(array, offset + 1, length));
      long[] ends = chunk.ends().toArray(ValueLayout.JAVA_LONG);
      assertThat(ends).endsWith(begin + length, begin + 2L * length);
    }
  }

  private static byte[] range(byte[] array, int offset, int length) {
    return MemorySegment.ofArray(array).asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void countsEachRecordOnce() {
    for (int i = 1; i <= 3; i++) {
      open();
      staged.tryAdd(new byte[5], 0, 5);
      assertThat(staged.totalCount()).isEqualTo(i);
      assertThat(staged.totalBytes()).isEqualTo(5L * i);
      chunk.addFrom(staged);
      assertThat(staged.totalCount()).isEqualTo(i);
      assertThat(staged.totalBytes()).isEqualTo(5L * i);
    }
    assertThat(chunk.count()).isEqualTo(4);
  }

  @Test
  void refusesRecordsUntilItIsOpen() {
    assertThat(staged.tryAdd(new byte[1], 0, 1)).isFalse();
    assertThat(staged.tryAdd(new byte[1], 0, 0)).isFalse();
    open();
    assertThat(staged.tryAdd(new byte[1], 0, 0)).isTrue();
    chunk.addFrom(staged);
    assertThat(staged.isOpen()).isFalse();
    assertThat(staged.tryAdd(new byte[1], 0, 0)).isFalse();
  }

  @Test
  void isFullAfterSoManyRecords() {
    open();
    for (int i = 0; i < StagedRecords.MOST_RECORDS; i++) {
      assertThat(staged.tryAdd(new byte[0], 0, 0)).isTrue();
    }
    assertThat(staged.tryAdd(new byte[0], 0, 0)).isFalse();
  }

  @Test
  void isFullAfterSoManyBytes() {
    open();
    byte[] record = new byte[64];
    for (int i = 0; i < StagedRecords.MOST_BYTES / record.length; i++) {
      assertThat(staged.tryAdd(record, 0, record.length)).isTrue();
    }
    assertThat(staged.tryAdd(record, 0, 1)).isFalse();
  }

  /** Staged records must never exceed their chunk. */
  @Test
  void aChunkThatIsAlmostFullHasNoRoom() {
    int room = StagedRecords.MOST_BYTES + Long.BYTES * StagedRecords.MOST_RECORDS;
    int added = (1 << 20) - 2 * Long.BYTES - room;
    chunk.add(new byte[added], 0, added);
    assertThat(chunk.hasRoomForStaged()).isFalse();
    ChunkBuffer group = ChunkBuffer.ofGroup(StagedRecords.MOST_RECORDS);
    group.add(new byte[1], 0, 1);
    assertThat(group.hasRoomForStaged()).isFalse();
    group.release();
  }
}

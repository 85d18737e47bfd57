package io.disky.writing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChunkBufferTest {
  private static final int CHUNK_SIZE = 1 << 20;
  private static final int LARGE = 20 << 20;

  private final ChunkBuffer chunk = ChunkBuffer.ofSize(CHUNK_SIZE);

  @AfterEach
  void release() {
    chunk.release();
  }

  @Test
  void keepsItsMemoryForLargeRecordsThatFollowEachOther() {
    MemorySegment first = addLarge();
    for (int i = 0; i < 3; i++) {
      chunk.clear(0);
      assertThat(chunk.held()).isGreaterThanOrEqualTo(LARGE);
      assertThat(addLarge().address()).isEqualTo(first.address());
    }
  }

  @Test
  void keepsItsMemoryForLargeSlotsOfSmallRecords() {
    for (int i = 0; i < 3; i++) {
      MemorySegment slot = chunk.slot(LARGE);
      assertThat(slot.byteSize()).isEqualTo(LARGE);
      chunk.add(10);
      chunk.clear(0);
      assertThat(chunk.held()).isGreaterThanOrEqualTo(LARGE);
    }
  }

  @Test
  void leavesItsMemoryAfterASmallChunk() {
    addLarge();
    chunk.clear(0);
    chunk.add(new byte[10], 0, 10);
    chunk.clear(0);
    assertThat(chunk.held()).isLessThan(CHUNK_SIZE);
  }

  @Test
  void leavesItsMemoryIfItMayStayUnused() {
    addLarge();
    chunk.clearUnused();
    assertThat(chunk.held()).isLessThan(CHUNK_SIZE);
  }

  /** Its bytes are those of the record, although it is copied in pieces. */
  @Test
  void copiesLargeRecords() throws IOException {
    byte[] record = new byte[3_000_001];
    for (int i = 0; i < record.length; i++) {
      record[i] = (byte) (i % 251);
    }
    chunk.add(record, 1, record.length - 1);
    chunk.add(MemorySegment.ofArray(record));
    MemorySegment written = chunk.records();
    assertThat(written.byteSize()).isEqualTo(2L * record.length - 1);
    assertThat(
            written
                .asSlice(0, record.length - 1)
                .mismatch(MemorySegment.ofArray(record).asSlice(1)))
        .isEqualTo(-1);
    assertThat(written.asSlice(record.length - 1).mismatch(MemorySegment.ofArray(record)))
        .isEqualTo(-1);
  }

  private MemorySegment addLarge() {
    chunk.add(new byte[LARGE], 0, LARGE);
    return chunk.records();
  }
}

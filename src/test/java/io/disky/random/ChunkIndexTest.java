package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.random.ChunkIndex.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An index finds what was put into it, whatever its pages are made of. */
class ChunkIndexTest {
  private static final long SEED = 99;

  /**
   * Chunks whose distances and record counts vary as said: nothing, pages of 4 or of 8 bytes a
   * chunk.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 100, 1, 1",
    "1023, 1000, 1, 1",
    "1024, 1000, 5, 5",
    "1025, 1000, 5, 5",
    "5000, 1000, 1, 1000",
    "3000, 10000000, 7, 7",
    "3000, 100000000000, 1, 100000000000",
    "4096, 65536, 3, 4",
  })
  void findsEveryChunk(int chunks, long distance, long fewest, long most) {
    Random random = new Random(SEED);
    ChunkIndex.Builder builder = new ChunkIndex.Builder();
    List<Entry> expected = new ArrayList<>();
    long begin = 64;
    long first = 0;
    for (int i = 0; i < chunks; i++) {
      long records = random.nextLong(fewest, most + 1);
      long next = onBoundary(begin + 40 + random.nextLong(distance));
      assertThat(builder.add(begin, records, 10)).isTrue();
      expected.add(new Entry(i, first, records, begin, next));
      begin = next;
      first += records;
    }
    ChunkIndex index = builder.build(begin);

    assertThat(index.chunks()).isEqualTo(chunks);
    assertThat(index.records()).isEqualTo(first);
    assertThat(index.end()).isEqualTo(begin);
    assertThat(index.decodedSize()).isEqualTo(10L * chunks + 8 * first);
    for (Entry chunk : expected) {
      assertThat(index.entry(chunk.number())).isEqualTo(chunk);
      assertThat(index.firstRecord(chunk.number())).isEqualTo(chunk.firstRecord());
      assertThat(index.records(chunk.number())).isEqualTo(chunk.records());
      assertThat(index.begin(chunk.number())).isEqualTo(chunk.begin());
      assertThat(index.end(chunk.number())).isEqualTo(chunk.end());
      assertThat(index.entry(index.chunkOf(chunk.firstRecord()))).isEqualTo(chunk);
      assertThat(index.entry(index.chunkOf(chunk.firstRecord() + chunk.records() / 2)))
          .isEqualTo(chunk);
      assertThat(index.entry(index.chunkOf(chunk.firstRecord() + chunk.records() - 1)))
          .isEqualTo(chunk);
      assertThat(index.at(chunk.begin())).isEqualTo(chunk);
      assertThat(index.at(chunk.begin() + 1)).isNull();
      assertThat(index.at(chunk.begin() - 1)).isNull();
    }

    ChunkIndex.Builder copy = new ChunkIndex.Builder();
    assertThat(copy.addAll(index)).isTrue();
    ChunkIndex copied = copy.build(begin);
    assertThat(copied.entry(chunks - 1)).isEqualTo(expected.getLast());
    assertThat(copied.decodedSize()).isEqualTo(index.decodedSize());
    assertThat(copied.largestDecodedSize()).isEqualTo(index.largestDecodedSize());
  }

  private static long onBoundary(long position) {
    long inBlock = position % 65_536;
    return inBlock < 24 ? position - inBlock : position;
  }

  /** In the middle of a page, where the last chunk of the page may be smaller, and larger. */
  @Test
  void smallerChunksInUniformOnes() {
    for (long odd : new long[] {1, 9, 11}) {
      for (int at : new int[] {0, 1, 1022, 1023, 1024, 1500}) {
        ChunkIndex.Builder builder = new ChunkIndex.Builder();
        long first = 0;
        for (int i = 0; i <= 1500; i++) {
          assertThat(builder.add(1000L * i + (i == 0 ? 64 : 24), i == at ? odd : 10, 0)).isTrue();
        }
        ChunkIndex index = builder.build(10_000_000);
        for (int i = 0; i <= 1500; i++) {
          long records = i == at ? odd : 10;
          assertThat(index.entry(i).firstRecord()).isEqualTo(first);
          assertThat(index.entry(i).records()).isEqualTo(records);
          assertThat(index.chunkOf(first + records - 1)).isEqualTo(i);
          first += records;
        }
      }
    }
  }

  @Test
  void refusesWhatCannotBe() {
    ChunkIndex.Builder builder = new ChunkIndex.Builder();
    assertThat(builder.add(-1, 1, 0)).isFalse();
    assertThat(builder.add(23, 1, 0)).isFalse();
    assertThat(builder.add(100, 0, 0)).isFalse();
    assertThat(builder.add(100, -1, 0)).isFalse();
    assertThat(builder.add(100, 5, 0)).isTrue();
    assertThat(builder.add(100, 5, 0)).isFalse();
    assertThat(builder.add(99, 5, 0)).isFalse();
    assertThat(builder.add(65_536 + 23, 5, 0)).isFalse();
    assertThat(builder.add(65_536 + 24, Long.MAX_VALUE, 0)).isFalse();
    assertThat(builder.add(65_536, Long.MAX_VALUE - 5, -1)).isTrue();
    assertThat(builder.chunks()).isEqualTo(2);
    assertThat(builder.records()).isEqualTo(Long.MAX_VALUE);
    ChunkIndex index = builder.build(70_000);
    assertThat(index.decodedSize()).isEqualTo(Long.MAX_VALUE);
    assertThat(index.largestDecodedSize()).isEqualTo(Long.MAX_VALUE);
    assertThat(index.chunkOf(Long.MAX_VALUE - 1)).isEqualTo(1);
    assertThat(index.chunkOf(4)).isZero();
  }

  @Test
  void withoutChunks() {
    ChunkIndex index = new ChunkIndex.Builder().build(64);
    assertThat(index.records()).isZero();
    assertThat(index.chunks()).isZero();
    assertThat(index.at(64)).isNull();
  }
}

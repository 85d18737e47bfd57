package io.disky.shuffling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the memory of a shuffle is divided, for every size of memory and data. */
class ShuffleMemoryTest {
  @ParameterizedTest
  @ValueSource(longs = {64 << 10, 100_001, 1 << 20, 3_000_000, 256 << 20, 1L << 33, 1L << 50})
  void blocksOfAllPartsFitAndEachStepDivides(long bytes) {
    ShuffleMemory memory = new ShuffleMemory(bytes);
    for (int exponent = 10; exponent < 63; exponent++) {
      for (long load : new long[] {1L << exponent, (1L << exponent) + 12_345, Long.MAX_VALUE}) {
        int blockSize = memory.blockSize(load);
        int parts = memory.parts(load, blockSize);
        assertThat(Integer.bitCount(blockSize)).isEqualTo(1);
        assertThat(blockSize).isBetween(4 << 10, 1 << 20);
        assertThat((long) parts * blockSize).isLessThanOrEqualTo(memory.loadLimit());
        assertThat(parts).isGreaterThanOrEqualTo(2);
        // Blocks that a part and large records take in addition stay within the other half.
        assertThat(2L * blockSize + bytes / 8).isLessThanOrEqualTo(bytes - memory.loadLimit());
      }
    }
  }

  @Test
  void oneStepIsEnoughForWhatIsUsual() {
    ShuffleMemory memory = new ShuffleMemory(256 << 20);
    long load = 100L << 30;
    assertThat(memory.fits(load / memory.parts(load, memory.blockSize(load)))).isTrue();
    assertThat(memory.blockSize(4L << 30)).isEqualTo(1 << 20);
  }

  @Test
  void sumsThatDoNotFitAreTheLargest() {
    assertThat(ShuffleMemory.load(Long.MAX_VALUE, 5)).isEqualTo(Long.MAX_VALUE);
    assertThat(ShuffleMemory.load(5, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(ShuffleMemory.load(2, 5)).isEqualTo(37);
    assertThat(new ShuffleMemory(1 << 20).temporaryBytes(Long.MAX_VALUE, Long.MAX_VALUE))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void noTemporaryFileIfTheMemorySuffices() {
    ShuffleMemory memory = new ShuffleMemory(1 << 20);
    assertThat(memory.temporaryBytes(1000, (512 << 10) - 16_000)).isZero();
    assertThat(memory.temporaryBytes(1000, (512 << 10) - 15_999)).isPositive();
  }
}

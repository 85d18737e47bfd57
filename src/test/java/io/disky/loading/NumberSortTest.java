package io.disky.loading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumberSortTest {
  private static final long SEED = 20_261_130;

  @Test
  void sortsAsComparisonsDo() {
    Random random = new Random(SEED);
    NumberSort sort = new NumberSort();
    for (int round = 0; round < 500; round++) {
      int count = random.nextInt(3_000);
      int from = random.nextInt(10);
      int indexBits = 12;
      int numberBits = 1 + random.nextInt(Long.SIZE - 1 - indexBits);
      long[] keys = new long[from + count + 5];
      Arrays.fill(keys, 7);
      for (int i = 0; i < count; i++) {
        long number = random.nextLong() >>> (Long.SIZE - numberBits);
        keys[from + i] = number << indexBits | i;
      }
      long[] expected = keys.clone();
      Arrays.sort(expected, from, from + count);
      sort.sort(keys, from, count, indexBits);
      assertThat(keys).as("round %s of seed %s", round, SEED).isEqualTo(expected);
    }
  }
}

package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Permutations are like random ones, within bounds that those exceed once in a thousand cases. */
class PermutationStatisticsTest {
  private static final long SEED = 20_261;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6})
  void eachPermutationOfAFewNumbersIsEquallyLikely(int size) {
    int permutations = 1;
    for (int i = 2; i <= size; i++) {
      permutations *= i;
    }
    long[] counts = new long[permutations];
    for (long epoch = 0; epoch < 200L * permutations; epoch++) {
      counts[rank(KeyedPermutation.of(OrderKey.of(epoch), size))]++;
    }
    Statistics.assertUniform("size " + size, counts);
  }

  /** The number of a permutation among all of its size. */
  private static int rank(KeyedPermutation permutation) {
    int size = (int) permutation.size();
    int rank = 0;
    for (int i = 0; i < size; i++) {
      int smaller = 0;
      for (int j = i + 1; j < size; j++) {
        smaller += permutation.at(j) < permutation.at(i) ? 1 : 0;
      }
      rank = rank * (size - i) + smaller;
    }
    return rank;
  }

  private static long[] values(KeyedPermutation permutation, int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = permutation.at(i);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 4097, 8192, 10_000, 65_536, 65_537, 100_003, 262_144, 262_145})
  void neighboursAreUnrelated(int size) {
    long[] values = values(KeyedPermutation.of(OrderKey.of(SEED), size), size);
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(size - 1);
    for (int distance = 1; distance < size / 2; distance *= 4) {
      String which = "seed " + SEED + ", size " + size + ", distance " + distance;
      int[] exclusive = new int[1 << bits];
      int[] differences = new int[size];
      for (int i = 0; i + distance < size; i++) {
        exclusive[(int) (values[i] ^ values[i + distance])]++;
        differences[(int) Math.floorMod(values[i + distance] - values[i], (long) size)]++;
      }
      if (Integer.bitCount(size) == 1) {
        Statistics.assertRandomCells(which + ", exclusive or", exclusive, size - 1L);
      } else {
        Statistics.assertLargest(which + ", exclusive or", exclusive, exclusive.length);
      }
      Statistics.assertRandomCells(which + ", difference", differences, size - 1L);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000_000, (1L << 40) - 1, 1L << 40, (1L << 40) + 1, 1L << 62})
  void neighboursOfManyNumbersAreUnrelated(long size) {
    int count = 1 << 16;
    long[] values = values(KeyedPermutation.of(OrderKey.of(SEED), size), count);
    int[] places = new int[count];
    int[] lowBits = new int[count];
    int[] differences = new int[count];
    double scale = count / (double) size;
    for (int i = 0; i + 1 < count; i++) {
      places[(int) (values[i] * scale)]++;
      lowBits[(int) (values[i] ^ values[i + 1]) & (count - 1)]++;
      differences[(int) (Math.floorMod(values[i + 1] - values[i], size) * scale)]++;
    }
    String which = "seed " + SEED + ", size " + size;
    // Of 1,000,000 numbers, so many share no number: fewer pairs share a cell.
    if (size > 1L << 32) {
      Statistics.assertRandomCells(which + ", place", places, count);
    }
    Statistics.assertRandomCells(which + ", low bits", lowBits, count);
    Statistics.assertRandomCells(which + ", difference", differences, count);
  }

  /** Values do not rise or fall with indexes, nor with those before them. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 4097, 65_537, 1_000_000})
  void valuesAreNotCorrelated(int size) {
    long[] values = values(KeyedPermutation.of(OrderKey.of(SEED), size), size);
    double mean = (size - 1) / 2.0;
    double variance = ((double) size * size - 1) / 12;
    double withIndex = 0;
    double withNext = 0;
    for (int i = 0; i < size; i++) {
      withIndex += (values[i] - mean) * (i - mean);
      withNext += (values[i] - mean) * (values[(i + 1) % size] - mean);
    }
    double bound = Statistics.TWO_SIDED * Math.sqrt(size);
    assertThat(Math.abs(withIndex / variance)).as("seed %d", SEED).isLessThan(bound);
    assertThat(Math.abs(withNext / variance)).as("seed %d", SEED).isLessThan(bound);
  }

  /** The next epoch, and the next seed, are as different as any two permutations. */
  @ParameterizedTest
  @ValueSource(ints = {4096, 65_537, 262_145})
  void epochsAndSeedsAreUnrelated(int size) {
    for (long seed = 0; seed < 3; seed++) {
      OrderKey[] keys = {
        OrderKey.of(seed).with(1), OrderKey.of(seed + 1).with(0), OrderKey.of(seed).with(0)
      };
      for (int i = 0; i < keys.length; i++) {
        for (int j = 0; j < i; j++) {
          assertUnrelated("seed " + seed + ", size " + size, keys[i], keys[j], size);
        }
      }
    }
  }

  private static void assertUnrelated(String which, OrderKey key, OrderKey other, int size) {
    long[] values = values(KeyedPermutation.of(key, size), size);
    long[] others = values(KeyedPermutation.of(other, size), size);
    for (int shift = -2; shift <= 2; shift++) {
      int[] differences = new int[size];
      for (int i = 0; i < size; i++) {
        long value = others[Math.floorMod(i + shift, size)];
        differences[(int) Math.floorMod(values[i] - value, (long) size)]++;
      }
      Statistics.assertRandomCells(which + ", shift " + shift, differences, size);
    }
  }
}

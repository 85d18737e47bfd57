package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OrderKeyTest {
  @Test
  void seedsAndEpochsAreUnrelated() {
    Set<OrderKey> keys = new HashSet<>();
    Set<Long> words = new HashSet<>();
    for (long seed = -50; seed < 50; seed++) {
      for (long epoch = 0; epoch < 100; epoch++) {
        OrderKey key = OrderKey.of(seed).with(epoch);
        keys.add(key);
        words.add(key.high());
        words.add(key.low());
      }
    }
    assertThat(keys).hasSize(10_000);
    assertThat(words).hasSize(20_000);
  }

  /** A purpose whose bytes are those of a number is still another key. */
  @Test
  void kindsOfKeysAreSeparate() {
    OrderKey key = OrderKey.of(3);
    String bytesOfNumber = "abcdefgh";
    long number = 0x6162636465666768L;
    assertThat(key.with(bytesOfNumber)).isNotEqualTo(key.with(number));
    assertThat(key.with("")).isNotEqualTo(key);
    assertThat(key.with("a").with("b")).isNotEqualTo(key.with("ab"));
    assertThat(OrderKey.of(number)).isNotEqualTo(key.with(number));
  }

  /** Each bit of a hash changes with a probability of one half if any bit of the number changes. */
  @Test
  void hashMixesAllBits() {
    OrderKey key = OrderKey.of(4);
    int samples = 2000;
    for (int in = 0; in < Long.SIZE; in++) {
      int[] changes = new int[Long.SIZE];
      for (long number = 0; number < samples; number++) {
        long change = key.hash(number) ^ key.hash(number ^ 1L << in);
        for (int out = 0; out < Long.SIZE; out++) {
          changes[out] += (int) (change >>> out) & 1;
        }
      }
      // 6 standard deviations: 4096 pairs of bits stay within them.
      double bound = 6 * Math.sqrt(samples / 4.0);
      for (int out = 0; out < Long.SIZE; out++) {
        assertThat(Math.abs(changes[out] - samples / 2.0))
            .as("bit %d of the number, bit %d of the hash", in, out)
            .isLessThan(bound);
      }
    }
  }

  @Test
  void numbersBelowABoundAreUniform() {
    OrderKey key = OrderKey.of(5);
    for (int bound = 1; bound <= 100; bound++) {
      long[] counts = new long[bound];
      for (long number = 0; number < 1000L * bound; number++) {
        counts[(int) key.below(bound, number)]++;
      }
      Statistics.assertUniform("bound " + bound, counts);
    }
  }

  /** Without rejection, two of three neighbouring numbers come more often than the third one. */
  @Test
  void numbersBelowALargeBoundAreUniform() {
    OrderKey key = OrderKey.of(6);
    long bound = 3L << 61;
    long[] counts = new long[3];
    long[] neighbours = new long[3];
    for (long number = 0; number < 200_000; number++) {
      long below = key.below(bound, number);
      assertThat(below).isBetween(0L, bound - 1);
      counts[(int) (below >>> 61)]++;
      neighbours[(int) (below % 3)]++;
    }
    Statistics.assertUniform("thirds", counts);
    Statistics.assertUniform("neighbours", neighbours);
  }

  @Test
  void numbersBelowOneAreZero() {
    assertThat(OrderKey.of(7).below(1, 123)).isZero();
  }

  @Test
  void refusesABoundBelowOne() {
    OrderKey key = OrderKey.of(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key.below(0, 1))
        .withMessage("The bound is 0; it must be at least 1.");
    assertThatIllegalArgumentException().isThrownBy(() -> key.below(-1, 1));
  }
}

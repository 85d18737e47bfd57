package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyedPermutationTest {
  private static void assertBijection(long seed, int size) {
    KeyedPermutation permutation = KeyedPermutation.of(OrderKey.of(seed), size);
    BitSet seen = new BitSet(size);
    for (int i = 0; i < size; i++) {
      long value = permutation.at(i);
      if (value < 0 || value >= size || permutation.indexOf(value) != i) {
        throw new AssertionError("seed " + seed + ", size " + size + ", index " + i);
      }
      seen.set((int) value);
    }
    assertThat(seen.cardinality()).as("seed %d, size %d", seed, size).isEqualTo(size);
  }

  @Test
  void eachNumberOnceUpTo2000() {
    for (int size = 0; size <= 2000; size++) {
      assertBijection(size, size);
    }
  }

  /** Where the table ends, and all shapes of small networks. */
  @Test
  void eachNumberOnceInNetworks() {
    for (int size = KeyedPermutation.TABLE - 2; size <= KeyedPermutation.TABLE + 140; size++) {
      assertBijection(-size, size);
    }
    for (int power = 13; power <= 18; power++) {
      for (int size = (1 << power) - 1; size <= (1 << power) + 1; size++) {
        assertBijection(size, size);
      }
    }
  }

  @Test
  void hasAnInverseAtEverySize() {
    SplittableRandom random = new SplittableRandom(11);
    for (long seed = 0; seed < 100; seed++) {
      OrderKey key = OrderKey.of(seed);
      for (int power = 2; power <= 62; power++) {
        for (long size = (1L << power) - 1; size <= (1L << power) + 1; size++) {
          assertInverse(KeyedPermutation.of(key, size), random, seed);
        }
      }
      assertInverse(KeyedPermutation.of(key, Long.MAX_VALUE), random, seed);
    }
  }

  private static void assertInverse(
      KeyedPermutation permutation, SplittableRandom random, long seed) {
    long size = permutation.size();
    for (int i = 0; i < 12; i++) {
      long index =
          switch (i) {
            case 0 -> 0;
            case 1 -> size - 1;
            default -> random.nextLong(size);
          };
      long value = permutation.at(index);
      if (value < 0 || value >= size || permutation.indexOf(value) != index) {
        throw new AssertionError("seed " + seed + ", size " + size + ", index " + index);
      }
      if (permutation.at(permutation.indexOf(index)) != index) {
        throw new AssertionError("seed " + seed + ", size " + size + ", value " + index);
      }
    }
  }

  @Test
  void dependsOnTheKey() {
    for (long size : new long[] {1000, 5000, 1L << 40}) {
      KeyedPermutation first = KeyedPermutation.of(new OrderKey(1, 2), size);
      KeyedPermutation second = KeyedPermutation.of(new OrderKey(1, 3), size);
      KeyedPermutation third = KeyedPermutation.of(new OrderKey(2, 2), size);
      int equal = 0;
      for (int i = 0; i < 1000; i++) {
        equal += first.at(i) == second.at(i) ? 1 : 0;
        equal += first.at(i) == third.at(i) ? 1 : 0;
        equal += second.at(i) == third.at(i) ? 1 : 0;
      }
      assertThat(equal).as("size %d", size).isLessThan(15);
    }
  }

  @Test
  void becomesAnotherPermutation() {
    KeyedPermutation reused = KeyedPermutation.of(OrderKey.of(1), 100);
    for (long size : new long[] {3, 4096, 50, 5000, 7, 1L << 50, 4096, 0, 1}) {
      OrderKey key = OrderKey.of(size);
      reused.set(key, size);
      KeyedPermutation fresh = KeyedPermutation.of(key, size);
      assertThat(reused.size()).isEqualTo(size);
      for (long i = 0; i < Math.min(size, 5000); i++) {
        assertThat(reused.at(i)).isEqualTo(fresh.at(i));
        assertThat(reused.indexOf(i)).isEqualTo(fresh.indexOf(i));
      }
    }
  }

  @Test
  void refusesNumbersOutsideOfTheSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyedPermutation.of(OrderKey.of(1), -1))
        .withMessage("The size is -1; it must be at least 0.");
    for (long size : new long[] {0, 1, 10, 5000, Long.MAX_VALUE}) {
      KeyedPermutation permutation = KeyedPermutation.of(OrderKey.of(1), size);
      for (long number : new long[] {-1, size, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> permutation.at(number))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> permutation.indexOf(number))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void allocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    KeyedPermutation table = KeyedPermutation.of(OrderKey.of(1), 1000);
    KeyedPermutation network = KeyedPermutation.of(OrderKey.of(1), 1L << 40);
    long sum = 0;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 1000; i++) {
      sum += table.indexOf(table.at(i)) + network.indexOf(network.at(i));
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(sum).isEqualTo(999_000);
    assertThat(allocated).isLessThan(1000);
  }
}

package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecentKeysTest {
  private static final long SEED = 20261130;

  @Test
  void remembersAKeyThatWasAdded() {
    for (int count : new int[] {0, 1, 2, 1000, Integer.MAX_VALUE}) {
      RecentKeys keys = new RecentKeys(count);
      for (long key : new long[] {0, 1, 2, 63, 1L << 33, Long.MAX_VALUE - 1}) {
        assertThat(keys.add(key)).as("%s of %s, added first", key, count).isFalse();
        assertThat(keys.add(key)).as("%s of %s, added again", key, count).isTrue();
      }
    }
  }

  @Test
  void remembersMostOfAsManyAsStatedAndFewOfManyMore() {
    int count = 1000;
    assertThat(remembered(count, count)).isGreaterThan(count / 2);
    assertThat(remembered(count, 100 * count)).isLessThan(3 * count);
  }

  /** How many of {@code added} keys an object for {@code count} keys remembers. */
  private static int remembered(int count, int added) {
    RecentKeys keys = new RecentKeys(count);
    long[] all = new SplittableRandom(SEED).longs(added, 0, 1L << 32).distinct().toArray();
    for (long key : all) {
      assertThat(keys.add(key)).isFalse();
    }
    int found = 0;
    for (int i = all.length - 1; i >= 0; i--) {
      found += keys.add(all[i]) ? 1 : 0;
    }
    return found;
  }
}

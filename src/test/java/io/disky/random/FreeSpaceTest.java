package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** No byte is given out twice, and none is lost. */
class FreeSpaceTest {
  private static final long SEED = 7;

  @Test
  void takesTheSmallestThatFits() {
    FreeSpace free = new FreeSpace();
    assertThat(free.take(1)).isEqualTo(-1);
    free.give(0, 100);
    free.give(200, 50);
    free.give(300, 70);
    assertThat(free.take(50)).isEqualTo(200);
    assertThat(free.take(60)).isEqualTo(300);
    assertThat(free.take(101)).isEqualTo(-1);
    assertThat(free.take(100)).isEqualTo(0);
    assertThat(free.take(11)).isEqualTo(-1);
    assertThat(free.take(10)).isEqualTo(360);
  }

  @Test
  void neighboursBecomeOne() {
    for (int[] order : new int[][] {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}}) {
      FreeSpace free = new FreeSpace();
      for (int part : order) {
        free.give(part * 10L, 10);
      }
      assertThat(free.take(30)).isZero();
      assertThat(free.take(1)).isEqualTo(-1);
    }
  }

  @Test
  void randomUse() {
    Random random = new Random(SEED);
    FreeSpace free = new FreeSpace();
    free.give(0, 10_000);
    TreeMap<Long, Long> taken = new TreeMap<>();
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(100) < 53) {
        long size = 1L + random.nextInt(500);
        long begin = free.take(size);
        if (begin < 0) {
          refused++;
          continue;
        }
        Map.Entry<Long, Long> before = taken.floorEntry(begin);
        assertThat(before == null || before.getKey() + before.getValue() <= begin).isTrue();
        Long after = taken.ceilingKey(begin);
        assertThat(after == null || begin + size <= after).isTrue();
        assertThat(begin + size).isLessThanOrEqualTo(10_000);
        taken.put(begin, size);
      } else if (!taken.isEmpty()) {
        Map.Entry<Long, Long> entry = taken.ceilingEntry((long) random.nextInt(10_000));
        Map.Entry<Long, Long> given = entry == null ? taken.firstEntry() : entry;
        taken.remove(given.getKey());
        free.give(given.getKey(), given.getValue());
      }
    }
    assertThat(refused).isPositive();
    taken.forEach(free::give);
    assertThat(free.take(10_000)).isZero();
  }
}

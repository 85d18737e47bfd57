package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChunkCountsTest {
  /** Chunks come and go; the counts are those of a map. */
  @Test
  void countsLikeAMap() {
    for (int range : new int[] {1, 10, 1000, 100_000}) {
      SplittableRandom random = new SplittableRandom(range);
      ChunkCounts counts = new ChunkCounts();
      Map<Long, Integer> expected = new HashMap<>();
      List<Long> added = new ArrayList<>();
      for (int step = 0; step < 60_000; step++) {
        boolean grows = step / 10_000 % 2 == 0;
        if (added.isEmpty() || random.nextInt(3) < (grows ? 2 : 1)) {
          long chunk = random.nextLong(range) << 40;
          counts.add(chunk);
          expected.merge(chunk, 1, Integer::sum);
          added.add(chunk);
        } else {
          int place = random.nextInt(added.size());
          long chunk = added.set(place, added.getLast());
          added.removeLast();
          counts.remove(chunk);
          expected.merge(chunk, -1, Integer::sum);
        }
        long any = random.nextLong(range) << 40;
        assertThat(counts.get(any)).isEqualTo(expected.getOrDefault(any, 0));
      }
      expected.forEach((chunk, count) -> assertThat(counts.get(chunk)).isEqualTo(count));
      counts.clear();
      expected.keySet().forEach(chunk -> assertThat(counts.get(chunk)).isZero());
    }
  }
}

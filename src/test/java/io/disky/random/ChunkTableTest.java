package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.WorkerThreads;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chunks by their keys, for one thread and for several. */
@Timeout(60)
class ChunkTableTest {
  private static final long SEED = 20261130;

  @Test
  void isAMap() {
    Random random = new Random(SEED);
    for (int bound : new int[] {5, 100, 3_000}) {
      ChunkTable table = new ChunkTable();
      Map<Long, CachedChunk> expected = new HashMap<>();
      for (int step = 0; step < 20_000; step++) {
        long key = random.nextInt(bound) * (step % 2 == 0 ? 1L : 1L << 32);
        CachedChunk there = expected.get(key);
        assertThat(table.get(key)).isSameAs(there);
        if (random.nextInt(3) > 0) {
          CachedChunk fresh = new CachedChunk(key);
          assertThat(table.putIfAbsent(fresh)).isSameAs(there);
          expected.putIfAbsent(key, fresh);
        } else {
          table.remove(there == null ? new CachedChunk(key) : there);
          expected.remove(key);
        }
      }
      expected.forEach((key, chunk) -> assertThat(table.get(key)).isSameAs(chunk));
      table.clear();
      expected.keySet().forEach(key -> assertThat(table.get(key)).isNull());
    }
  }

  /** A chunk whose key another one has is not removed by mistake. */
  @Test
  void removesTheChunkItself() {
    ChunkTable table = new ChunkTable();
    CachedChunk chunk = new CachedChunk(7);
    table.putIfAbsent(chunk);
    table.remove(new CachedChunk(7));
    assertThat(table.get(7)).isSameAs(chunk);
  }

  /** Threads look while others add and remove: every look ends, and finds the right key. */
  @Test
  void changesWhileOthersLook() throws Exception {
    ChunkTable table = new ChunkTable();
    AtomicInteger next = new AtomicInteger();
    AtomicInteger changing = new AtomicInteger(2);
    AtomicBoolean wrong = new AtomicBoolean();
    List<Throwable> thrown =
        WorkerThreads.race(
            4,
            () -> {
              int me = next.getAndIncrement();
              if (me < 2) {
                change(table, me);
                changing.decrementAndGet();
              } else {
                look(table, changing, wrong);
              }
            });
    assertThat(thrown).isEmpty();
    assertThat(wrong).isFalse();
  }

  /** Adds chunks whose keys no other thread has, and removes most of them. */
  private static void change(ChunkTable table, int me) {
    for (int round = 0; round < 20; round++) {
      CachedChunk[] mine = new CachedChunk[2_000];
      for (int i = 0; i < mine.length; i++) {
        mine[i] = new CachedChunk(2L * (i + 100L * round) + me);
        CachedChunk there = table.putIfAbsent(mine[i]);
        mine[i] = there == null ? mine[i] : there;
      }
      for (CachedChunk chunk : mine) {
        assertThat(table.get(chunk.key()) == chunk || table.putIfAbsent(chunk) == chunk).isTrue();
      }
      for (int i = 0; i < mine.length; i++) {
        if (i % 10 > 0) {
          table.remove(mine[i]);
          assertThat(table.putIfAbsent(new CachedChunk(mine[i].key()))).isNull();
        }
      }
    }
  }

  private static void look(ChunkTable table, AtomicInteger changing, AtomicBoolean wrong) {
    Random random = new Random(SEED);
    while (changing.get() > 0) {
      long key = random.nextInt(8_000);
      CachedChunk found = table.get(key);
      if (found != null && found.key() != key) {
        wrong.set(true);
      }
    }
  }
}

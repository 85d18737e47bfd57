package io.disky.shards;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.Schedules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Workers that take turns with shards, in every schedule. */
class WriterTurnsTest {
  /** Two workers write four chunks to two shards; each full shard is replaced, one is removed. */
  private static final class Model implements Schedules.Scenario {
    private final WriterTurns<Integer> turns = new WriterTurns<>(List.of(0, 1));
    private final List<@Nullable Integer> held = new ArrayList<>(List.of());
    private final Set<Integer> inUse = new HashSet<>();
    private int begun;
    private int shards = 2;

    Model(int workers) {
      for (int i = 0; i < workers; i++) {
        held.add(null);
      }
    }

    @Override
    public int actors() {
      return held.size();
    }

    @Override
    public boolean step(int worker) {
      Integer shard = held.get(worker);
      if (shard != null) {
        inUse.remove(shard);
        held.set(worker, null);
        giveBack(shard);
        return true;
      }
      if (begun == 5) {
        return false;
      }
      Integer taken = turns.tryTake();
      held.set(worker, taken);
      if (taken != null) {
        begun++;
        assertThat(inUse.add(taken)).as("used by one alone").isTrue();
        assertThat(turns.open()).contains(taken);
      }
      return taken != null;
    }

    private void giveBack(Integer shard) {
      switch (shard) {
        case 0 -> turns.replace(shard, shards++);
        case 1 -> assertThat(turns.removeUnlessLast(shard)).isTrue();
        default -> turns.give(shard);
      }
    }

    @Override
    public void end() {
      assertThat(begun).isEqualTo(5);
      assertThat(turns.open()).containsExactly(2);
      assertThat(turns.idle()).isEqualTo(1);
    }
  }

  @Test
  void oneUserEachInEverySchedule() {
    assertThat(Schedules.all(() -> new Model(2))).isGreaterThan(5);
    assertThat(Schedules.all(() -> new Model(3))).isGreaterThan(20);
  }

  @Test
  void theOneUsedLongestAgoComesFirst() {
    WriterTurns<String> turns = new WriterTurns<>(List.of("a", "b", "c"));
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 7; i++) {
      String shard = turns.take();
      assertThat(shard).isNotNull();
      order.append(shard);
      turns.give(shard);
    }
    assertThat(order.toString()).isEqualTo("abcabca");
  }

  @Test
  void aCertainOne() {
    WriterTurns<String> turns = new WriterTurns<>(List.of("a", "b"));
    assertThat(turns.take("b")).isTrue();
    assertThat(turns.tryTake("b")).isFalse();
    assertThat(turns.idle()).isEqualTo(1);
    turns.remove("b");
    assertThat(turns.take("b")).isFalse();
    assertThat(turns.take()).isEqualTo("a");
    assertThat(turns.removeUnlessLast("a")).isFalse();
    turns.remove("a");
    assertThat(turns.take()).isNull();
  }
}

package io.disky.writing;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.Schedules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One thread that fills chunks, and workers that encode and write them, in every schedule. */
class ChunkOrderTest {
  /** Holds the number of a chunk. */
  private static final class Slot {
    private int chunk = -1;
  }

  private static final class Model implements Schedules.Scenario {
    private final List<Slot> slots;
    private final ChunkOrder<Slot> order;
    private final int chunks;
    private final Set<Integer> failEncoding;
    private final Set<Integer> failWriting;
    private final List<ChunkOrder.@Nullable Turn<Slot>> turns = new ArrayList<>();
    private final boolean[] gone;
    private final List<Integer> written = new ArrayList<>();
    private final Set<Slot> used = new HashSet<>();
    private @Nullable Slot filled;
    private int submitted;
    private boolean ended;

    Model(int slots, int workers, int chunks, Set<Integer> encoding, Set<Integer> writing) {
      this.slots = IntStream.range(0, slots).mapToObj(i -> new Slot()).toList();
      this.order = new ChunkOrder<>(this.slots);
      this.chunks = chunks;
      this.failEncoding = encoding;
      this.failWriting = writing;
      for (int i = 0; i < workers; i++) {
        turns.add(null);
      }
      this.gone = new boolean[workers];
    }

    @Override
    public int actors() {
      return 1 + turns.size();
    }

    @Override
    public boolean step(int actor) {
      return actor == 0 ? fill() : work(actor - 1);
    }

    private boolean fill() {
      if (filled != null) {
        filled.chunk = submitted++;
        used.remove(filled);
        order.submit(filled);
        filled = null;
        return true;
      }
      if (submitted < chunks) {
        filled = order.tryTake();
        assertThat(filled == null || used.add(filled)).isTrue();
        return filled != null;
      }
      if (!ended && order.isIdle()) {
        order.end();
        ended = true;
        return true;
      }
      return false;
    }

    private boolean work(int worker) {
      ChunkOrder.Turn<Slot> turn = turns.get(worker);
      if (turn != null) {
        used.remove(turn.slot());
        turns.set(worker, null);
        order.done(turn, problem(turn));
        return true;
      }
      ChunkOrder.Turn<Slot> next = order.tryNext();
      turns.set(worker, next);
      if (next != null) {
        assertThat(used.add(next.slot())).as("used by one alone").isTrue();
        return true;
      }
      boolean goes = !gone[worker] && order.isOver();
      gone[worker] |= goes;
      return goes;
    }

    private @Nullable Throwable problem(ChunkOrder.Turn<Slot> turn) {
      int chunk = turn.slot().chunk;
      if (!turn.isToBeWritten()) {
        return failEncoding.contains(chunk) ? new Exception("encoding " + chunk) : null;
      }
      if (failWriting.contains(chunk)) {
        return new Exception("writing " + chunk);
      }
      written.add(chunk);
      return null;
    }

    @Override
    public void end() {
      Set<Integer> failing = new HashSet<>(failEncoding);
      failing.addAll(failWriting);
      int first = failing.stream().mapToInt(i -> i).min().orElse(chunks);
      assertThat(written).isEqualTo(IntStream.range(0, first).boxed().toList());
      assertThat(submitted).isEqualTo(chunks);
      assertThat(ended).isTrue();
      assertThat(gone).containsOnly(true);
      Throwable failure = order.failure();
      if (first == chunks) {
        assertThat(failure).isNull();
      } else {
        String what = failEncoding.contains(first) ? "encoding " : "writing ";
        assertThat(failure).hasMessage(what + first);
      }
      for (int i = 0; i < slots.size(); i++) {
        assertThat(order.tryTake()).as("slot %s", i).isNotNull();
      }
      assertThat(order.tryTake()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"3,1,4", "2,2,3", "2,3,2"})
  void inOrderInEverySchedule(int slots, int workers, int chunks) {
    long schedules = Schedules.all(() -> new Model(slots, workers, chunks, Set.of(), Set.of()));
    assertThat(schedules).isGreaterThan(10);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,0", "1,2", "2,1"})
  void theFirstFailureInOrderInEverySchedule(int encoding, int writing) {
    long schedules = Schedules.all(() -> new Model(3, 2, 3, Set.of(encoding), Set.of(writing)));
    assertThat(schedules).isGreaterThan(10);
  }

  @Test
  void whatIsNotFilledIsGivenBack() {
    ChunkOrder<String> order = new ChunkOrder<>(List.of("a"));
    order.giveBack(order.take());
    assertThat(order.tryTake()).isEqualTo("a");
    assertThat(order.isIdle()).isTrue();
  }

  @Test
  void abandonedDropsWhatNobodyIsAt() {
    List<String> slots = List.of("a", "b", "c");
    ChunkOrder<String> order = new ChunkOrder<>(slots);
    for (int i = 0; i < 3; i++) {
      order.submit(order.take());
    }
    ChunkOrder.Turn<String> turn = order.tryNext();
    assertThat(turn).isNotNull();
    order.abandon();
    assertThat(order.tryNext()).isNull();
    assertThat(order.isIdle()).isFalse();
    order.done(turn, null);
    assertThat(order.isIdle()).isTrue();
    assertThat(order.next()).isNull();
    assertThat(List.of(order.take(), order.take(), order.take()))
        .containsExactlyInAnyOrderElementsOf(slots);
  }
}

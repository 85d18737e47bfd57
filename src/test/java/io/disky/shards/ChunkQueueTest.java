package io.disky.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.Schedules;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Producers and workers at a queue, in every schedule. */
class ChunkQueueTest {
  private static final class Model implements Schedules.Scenario {
    private final ChunkQueue<Integer> queue;
    private final int[] sizes;
    private final int mostTasks;
    private final int mostBytes;
    private final int producers;
    private final List<Integer> put = new ArrayList<>();
    private final List<Integer> taken = new ArrayList<>();
    private final List<Integer> done = new ArrayList<>();
    private final List<ChunkQueue.@Nullable Entry<Integer>> working = new ArrayList<>();
    private int next;

    Model(int mostTasks, int mostBytes, int producers, int workers, int... sizes) {
      this.queue = new ChunkQueue<>(mostTasks, mostBytes);
      this.mostTasks = mostTasks;
      this.mostBytes = mostBytes;
      this.producers = producers;
      this.sizes = sizes;
      for (int i = 0; i < workers; i++) {
        working.add(null);
      }
    }

    @Override
    public int actors() {
      return producers + working.size();
    }

    @Override
    public boolean step(int actor) {
      boolean went = actor < producers ? put() : work(actor - producers);
      check();
      return went;
    }

    private boolean put() {
      if (next == sizes.length || !queue.tryPut(next, sizes[next])) {
        return false;
      }
      put.add(next++);
      return true;
    }

    private boolean work(int worker) {
      ChunkQueue.Entry<Integer> entry = working.get(worker);
      if (entry == null) {
        ChunkQueue.Entry<Integer> got = queue.tryTake();
        working.set(worker, got);
        if (got != null) {
          taken.add(got.task());
        }
        return got != null;
      }
      queue.done(entry);
      done.add(entry.task());
      working.set(worker, null);
      return true;
    }

    private void check() {
      int pending = put.size() - done.size();
      int bytes = put.stream().filter(i -> !done.contains(i)).mapToInt(i -> sizes[i]).sum();
      assertThat(queue.pending()).isEqualTo(pending).isLessThanOrEqualTo(mostTasks);
      assertThat(bytes <= mostBytes || pending == 1).isTrue();
      assertThat(queue.came()).isEqualTo(put.size());
      int through = 0;
      while (done.contains(through)) {
        through++;
      }
      assertThat(queue.isDone(through)).isTrue();
      assertThat(queue.isDone(through + 1)).isFalse();
    }

    @Override
    public void end() {
      assertThat(taken).isEqualTo(put).hasSize(sizes.length);
      assertThat(done).hasSize(sizes.length);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,100,2,2", "2,100,1,2", "2,100,2,2", "3,7,2,2", "100,3,1,3"})
  void boundedAndInOrderInEverySchedule(int tasks, int bytes, int producers, int workers) {
    long schedules = Schedules.all(() -> new Model(tasks, bytes, producers, workers, 1, 5, 9, 2));
    assertThat(schedules).isGreaterThan(10);
  }

  @Test
  void endsWhenAllIsTaken() {
    ChunkQueue<String> queue = new ChunkQueue<>(9, 9);
    queue.put("a", 1);
    queue.end();
    assertThat(queue.take()).isNotNull();
    assertThat(queue.take()).isNull();
  }

  @Test
  void takesNothingOnceEnded() {
    ChunkQueue<String> queue = new ChunkQueue<>(9, 9);
    queue.end();
    assertThatIllegalStateException().isThrownBy(() -> queue.put("a", 1));
    assertThatIllegalStateException().isThrownBy(() -> queue.tryPut("a", 1));
    assertThatIllegalStateException().isThrownBy(() -> queue.add("a", 1));
    assertThat(queue.came()).isZero();
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoWaitsForRoomIsRefusedWhenItEnds() throws InterruptedException {
    ChunkQueue<String> queue = new ChunkQueue<>(1, 9);
    queue.put("a", 1);
    AtomicReference<@Nullable Throwable> refused = new AtomicReference<>();
    Thread producer =
        Thread.ofPlatform()
            .start(() -> {
              try {
                queue.put("b", 1);
              } catch (IllegalStateException e) {
                refused.set(e);
              }
            });
    while (producer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    queue.end();
    producer.join();
    assertThat(refused.get()).isNotNull();
  }

  @Test
  void whatNeedsNoRoom() {
    ChunkQueue<String> queue = new ChunkQueue<>(1, 1);
    queue.put("a", 7);
    assertThat(queue.tryPut("b", 0)).isFalse();
    queue.add("c", 0);
    assertThat(queue.pending()).isEqualTo(2);
  }

  @Test
  void abandonedDropsWhatNobodyHasTaken() {
    ChunkQueue<String> queue = new ChunkQueue<>(9, 9);
    queue.put("a", 1);
    queue.put("b", 1);
    ChunkQueue.Entry<String> taken = queue.take();
    assertThat(taken).isNotNull();
    assertThat(queue.abandon()).containsExactly("b");
    assertThat(queue.pending()).isEqualTo(1);
    queue.done(taken);
    queue.awaitDone(2);
    assertThat(queue.take()).isNull();
  }
}

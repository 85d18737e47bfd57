package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReservoirOrderTest {
  private static final OrderKey KEY = OrderKey.of(12);

  /** The rule with a list, as one would write it down. */
  private static long[] expected(int records, int capacity) {
    OrderKey key = KEY.with("reservoir");
    List<Long> waiting = new ArrayList<>();
    long[] sequence = new long[records];
    long entering = 0;
    for (int position = 0; position < records; position++) {
      while (entering < records && waiting.size() < capacity) {
        waiting.add(entering++);
      }
      int index = (int) key.below(waiting.size(), position);
      sequence[position] = waiting.get(index);
      if (entering < records) {
        waiting.set(index, entering++);
      } else {
        waiting.set(index, waiting.getLast());
        waiting.removeLast();
      }
    }
    return sequence;
  }

  @Test
  void followsTheRule() {
    for (int records : new int[] {0, 1, 2, 10, 500}) {
      for (int capacity : new int[] {1, 2, 9, 10, 11, 499, 500, 501, 10_000}) {
        ChunkLayout layout = ListedChunks.equal(records == 0 ? 0 : 1, Math.max(1, records), 1);
        PassOrder order = new ReservoirOrder(layout, KEY, capacity);
        assertThat(PassProperties.sequence(order))
            .as("%d records, capacity %d", records, capacity)
            .isEqualTo(expected(records, capacity));
      }
    }
  }

  /** Positions that were passed long ago, and snapshots that were replaced. */
  @Test
  void hasCheckpointsOfEarlierPositions() {
    int records = 2_000_000;
    ChunkLayout layout = ListedChunks.equal(records / 100, 100, 1);
    ShuffleMethod method = new ShuffleMethod.Reservoir(1000);
    PassOrder order = method.order(layout, KEY);
    long[] sequence = new long[records];
    int batch = 50_000;
    for (int position = 0; position < records; position += batch) {
      order.records(position, sequence, position, batch);
      for (int before : new int[] {0, 1, batch, 400_000}) {
        int at = Math.max(0, position + batch - before);
        assertContinues(method, layout, order.checkpoint(at), sequence, at, position + batch);
      }
    }
    PassProperties.assertPermutation(sequence);
    for (int at : new int[] {0, 12_345, 1_000_000, 1_999_500, records}) {
      assertContinues(method, layout, order.checkpoint(at), sequence, at, records);
    }
  }

  private static void assertContinues(
      ShuffleMethod method,
      ChunkLayout layout,
      long[] checkpoint,
      long[] sequence,
      int at,
      int known) {
    int count = Math.min(2000, known - at);
    long[] records = new long[count];
    method.restore(layout, KEY, at, checkpoint).records(at, records, 0, count);
    assertThat(records).isEqualTo(Arrays.copyOfRange(sequence, at, at + count));
  }

  /** What checkpoint returned stays as it is, and may be changed. */
  @Test
  void checkpointsAreIndependent() {
    ChunkLayout layout = ListedChunks.equal(100, 10, 1);
    PassOrder order = new ReservoirOrder(layout, KEY, 50);
    long[] sequence = expected(1000, 50);
    long[] records = new long[1000];
    order.records(0, records, 0, 300);
    long[] checkpoint = order.checkpoint(300);
    long[] copy = checkpoint.clone();
    order.records(300, records, 300, 300);
    assertThat(checkpoint).isEqualTo(copy);
    PassOrder restored = new ShuffleMethod.Reservoir(50).restore(layout, KEY, 300, checkpoint);
    Arrays.fill(checkpoint, 7);
    Arrays.fill(order.checkpoint(600), 7);
    order.records(600, records, 600, 400);
    assertThat(records).isEqualTo(sequence);
    long[] rest = new long[700];
    restored.records(300, rest, 0, 700);
    assertThat(rest).isEqualTo(Arrays.copyOfRange(sequence, 300, 1000));
  }

  private static void assertRefused(long position, long[] checkpoint, String message) {
    ShuffleMethod method = new ShuffleMethod.Reservoir(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> method.restore(ListedChunks.equal(5, 4, 1), KEY, position, checkpoint))
        .withMessage(message);
  }

  @Test
  void refusesCheckpointsThatNoPassHas() {
    String expected =
        "The checkpoint has record %d in the reservoir; at position %d it must have different"
            + " records, from 0 to %d.";
    assertRefused(
        4,
        new long[] {1, 2},
        "The checkpoint has 2 records in the reservoir; at position 4 it must have 3.");
    assertRefused(
        19,
        new long[] {1, 2, 3},
        "The checkpoint has 3 records in the reservoir; at position 19 it must have 1.");
    assertRefused(4, new long[] {1, 2, 7}, expected.formatted(7, 4, 6));
    assertRefused(4, new long[] {2, 1, 2}, expected.formatted(2, 4, 6));
    assertRefused(4, new long[] {-1, 2, 3}, expected.formatted(-1, 4, 6));
    assertRefused(18, new long[] {20, 2}, expected.formatted(20, 18, 19));
  }

  /** Chunks of one record each, of which many are in the reservoir. */
  @Test
  void knowsWhichOfManyChunksAreDone() {
    SplittableRandom random = new SplittableRandom(5);
    ChunkLayout layout = ListedChunks.random(random, 300, 2, 1);
    PassOrder order = new ReservoirOrder(layout, KEY, 150);
    PassProperties.assertDone(order, layout, PassProperties.sequence(order));
  }
}

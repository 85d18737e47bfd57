package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What holds for the order of each method. */
class ShuffleMethodTest {
  private static final long SEED = 77;

  static final ShuffleMethod[] METHODS = {
    new ShuffleMethod.None(),
    new ShuffleMethod.Global(),
    new ShuffleMethod.Windowed(1),
    new ShuffleMethod.Windowed(200),
    new ShuffleMethod.Windowed(Long.MAX_VALUE),
    new ShuffleMethod.Reservoir(1),
    new ShuffleMethod.Reservoir(30),
    new ShuffleMethod.Reservoir(Integer.MAX_VALUE),
  };

  @ParameterizedTest
  @FieldSource("METHODS")
  void deliversEachRecordOnceFromAnyPosition(ShuffleMethod method) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int chunks = 0; chunks < 30; chunks++) {
      ChunkLayout layout = ListedChunks.random(random, chunks, 9, 60);
      OrderKey key = OrderKey.of(chunks);
      PassOrder order = method.order(layout, key);
      assertThat(order.length()).isEqualTo(layout.records());
      long[] sequence = PassProperties.sequence(order);
      PassProperties.assertPermutation(sequence);
      PassProperties.assertAnyPosition(order, sequence, random);
      PassProperties.assertAnyPosition(method.order(layout, key), sequence, random);
    }
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void knowsWhichChunksAreDone(ShuffleMethod method) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int chunks = 1; chunks < 20; chunks++) {
      ChunkLayout layout = ListedChunks.random(random, chunks, 9, 60);
      PassOrder order = method.order(layout, OrderKey.of(chunks));
      long[] sequence = PassProperties.sequence(order);
      PassProperties.assertDone(order, layout, sequence);
    }
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void isRestoredAtEachPosition(ShuffleMethod method) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int chunks = 0; chunks < 12; chunks++) {
      ChunkLayout layout = ListedChunks.random(random, chunks, 9, 60);
      OrderKey key = OrderKey.of(chunks);
      PassOrder order = method.order(layout, key);
      long[] sequence = PassProperties.sequence(order);
      for (int position = 0; position <= sequence.length; position++) {
        PassOrder restored = method.restore(layout, key, position, order.checkpoint(position));
        long[] rest = new long[sequence.length - position];
        restored.records(position, rest, 0, rest.length);
        assertThat(rest)
            .as("seed %d, %d chunks, position %d", SEED, chunks, position)
            .isEqualTo(Arrays.copyOfRange(sequence, position, sequence.length));
        PassProperties.assertAnyPosition(restored, sequence, random);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void computesPositionsUnlessItHasAReservoir(ShuffleMethod method) {
    ChunkLayout layout = ListedChunks.random(new SplittableRandom(SEED), 40, 9, 60);
    PassOrder order = method.order(layout, OrderKey.of(1));
    if (method instanceof ShuffleMethod.Reservoir) {
      assertThatThrownBy(() -> order.positionOf(5))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("A reservoir cannot compute the position of record 5.");
      return;
    }
    PassProperties.assertInverse(order, PassProperties.sequence(order));
    for (long record : new long[] {-1, layout.records()}) {
      assertThatThrownBy(() -> order.positionOf(record))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void refusesPositionsOutsideOfThePass(ShuffleMethod method) {
    ChunkLayout layout = ListedChunks.equal(5, 4, 10);
    PassOrder order = method.order(layout, OrderKey.of(1));
    long[] into = new long[30];
    assertThatThrownBy(() -> order.records(-1, into, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> order.records(20, into, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> order.records(10, into, 0, 11))
        .isInstanceOf(IndexOutOfBoundsException.class);
    order.records(20, into, 30, 0);
    for (long position : new long[] {-1, 21}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.restore(layout, OrderKey.of(1), position, new long[0]))
          .withMessage("The position is " + position + "; the pass has 20 records.");
    }
    assertThat(into).containsOnly(0);
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void keepsChunksUnlessTheOrderIsGlobal(ShuffleMethod method) {
    PassOrder order = method.order(ListedChunks.equal(5, 4, 10), OrderKey.of(1));
    assertThat(order.sharesChunks()).isNotEqualTo(method instanceof ShuffleMethod.Global);
  }

  @Test
  void keepsTheOrderWithoutAShuffle() {
    PassOrder order = new ShuffleMethod.None().order(ListedChunks.equal(7, 3, 1), OrderKey.of(1));
    assertThat(PassProperties.sequence(order)).containsExactly(LongStream.range(0, 21).toArray());
  }

  @Test
  void refusesACheckpointWithoutAReservoir() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new ShuffleMethod.Global()
                .restore(ListedChunks.equal(5, 4, 10), OrderKey.of(1), 3, new long[] {1, 2}))
        .withMessage("The checkpoint has 2 records in a reservoir; this order has no reservoir.");
  }

  @Test
  void refusesEmptyWindowsAndReservoirs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShuffleMethod.Windowed(0))
        .withMessage("A window has 0 bytes; it must have at least 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShuffleMethod.Reservoir(0))
        .withMessage("A reservoir has 0 records; it must have at least 1.");
  }
}

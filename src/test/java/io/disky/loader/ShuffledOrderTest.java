package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.order.ChunkLayout;
import io.disky.order.OrderSource;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.ShuffleMethod;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public order of a global shuffle. */
class ShuffledOrderTest {
  private static final Long[] GOLDEN_TEN = {6L, 1L, 9L, 5L, 8L, 7L, 0L, 4L, 3L, 2L};
  private static final Long[] GOLDEN_LARGE = {
    55_635_844_508L, 848_056_554_366L, 844_684_879_647L, 527_493_497_354L
  };

  private static long[] order(long records, long seed) {
    ShuffledOrder order = ShuffledOrder.of(records, seed);
    return LongStream.range(0, records).map(order::recordAt).toArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 100, 4096, 4097, 10_000})
  void isAPermutationWithItsInverse(long records) {
    ShuffledOrder order = ShuffledOrder.of(records, 5);
    assertThat(order.recordCount()).isEqualTo(records);
    boolean[] seen = new boolean[(int) records];
    for (long position = 0; position < records; position++) {
      long record = order.recordAt(position);
      assertThat(seen[(int) record]).isFalse();
      seen[(int) record] = true;
      assertThat(order.positionOf(record)).isEqualTo(position);
    }
  }

  @Test
  void eachSeedHasAnotherOrder() {
    assertThat(order(1000, 1)).isEqualTo(order(1000, 1)).isNotEqualTo(order(1000, 2));
    assertThat(order(1000, 0)).isNotEqualTo(LongStream.range(0, 1000).toArray());
    assertThat(order(1000, -1)).isNotEqualTo(order(1000, 1));
  }

  /** The order is a specification: it never changes. */
  @Test
  void isTheSpecifiedOrder() {
    assertThat(order(10, 7)).containsExactly(GOLDEN_TEN);
    ShuffledOrder large = ShuffledOrder.of(1L << 40, 7);
    assertThat(LongStream.range(0, 4).map(large::recordAt)).containsExactly(GOLDEN_LARGE);
  }

  /** A loader with a global shuffle over one source has the same order in epoch 0. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000, 5000})
  void isTheOrderOfALoader(int records) {
    OrderSpec spec =
        OrderSpec.concatenated(
            List.of(new OneChunk(records)),
            1,
            OrderSource.ALL,
            new ShuffleMethod.Global(),
            io.disky.order.Exhaustion.DROP_OUT,
            -77);
    Picks picks = new Picks();
    spec.epoch(0).fill(0, records, picks);
    assertThat(Arrays.copyOf(picks.records(), records)).isEqualTo(order(records, -77));
    spec.epoch(1).fill(0, records, picks);
    if (records > 2) {
      assertThat(Arrays.copyOf(picks.records(), records)).isNotEqualTo(order(records, -77));
    }
  }

  private record OneChunk(long records) implements ChunkLayout {
    @Override
    public long chunks() {
      return 1;
    }

    @Override
    public long firstRecord(long chunk) {
      return chunk * records;
    }

    @Override
    public long chunkOf(long record) {
      return 0;
    }

    @Override
    public long bytes(long chunk) {
      return records;
    }
  }

  @Test
  void refusesWhatIsOutside() {
    assertThatThrownBy(() -> ShuffledOrder.of(-1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    ShuffledOrder order = ShuffledOrder.of(3, 0);
    for (long outside : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> order.recordAt(outside))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> order.positionOf(outside))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(order).hasToString("ShuffledOrder[recordCount=3]");
    assertThat(Arrays.stream(order(3, 0)).boxed()).containsExactlyInAnyOrder(0L, 1L, 2L);
  }
}

package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.order.Steps.Remainder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepsTest {
  private static final long[] LENGTHS = {0, 1, 2, 7, 12, 64, 97, 100, 1000, 1001};
  private static final int[] RANKS = {1, 2, 3, 4, 7, 8};
  private static final int[] BATCHES = {1, 4, 8, 12, 25, 100};

  /** All positions of all ranks at all steps, in the order of steps and ranks. */
  private static List<Long> delivered(Steps steps) {
    List<Long> positions = new ArrayList<>();
    for (long step = 0; step < steps.count(); step++) {
      assertThat(steps.begin(step, 0)).isEqualTo(steps.stepBegin(step));
      for (int rank = 0; rank < steps.ranks(); rank++) {
        long begin = steps.begin(step, rank);
        long end = steps.end(step, rank);
        assertThat(begin).isEqualTo(steps.base() + positions.size());
        assertThat(end).isGreaterThanOrEqualTo(begin);
        for (long position = begin; position < end; position++) {
          positions.add(position);
        }
      }
    }
    return positions;
  }

  /** Records, ranks, batch sizes, remainders and the positions where a resume begins. */
  @Test
  void theRanksTogetherGetTheEpoch() {
    int cases = 0;
    for (long length : LENGTHS) {
      for (int ranks : RANKS) {
        for (int batch : BATCHES) {
          for (long base : new long[] {0, length / 3, length}) {
            for (Remainder remainder : Remainder.values()) {
              if (batch >= ranks) {
                assertCase(new Steps(length, base, batch, ranks, remainder));
                cases++;
              }
            }
          }
        }
      }
    }
    assertThat(cases).isGreaterThan(500);
  }

  private static void assertCase(Steps steps) {
    long left = steps.length() - steps.base();
    long full = left / steps.batch();
    long rest = left % steps.batch();
    List<Long> positions = delivered(steps);
    switch (steps.remainder()) {
      case DROP -> {
        assertThat(steps.count()).isEqualTo(full);
        assertThat(positions).as("%s", steps).hasSize((int) (left - rest));
        assertThat(steps.dropped()).isEqualTo(rest);
      }
      case PAD -> {
        assertThat(steps.count()).isEqualTo(full + (rest > 0 ? 1 : 0));
        assertThat(positions).as("%s", steps).hasSize((int) (steps.count() * steps.batch()));
        assertThat(positions.stream().filter(position -> !steps.isPadding(position)))
            .hasSize((int) left);
        assertThat(positions.stream().map(steps::wrapped))
            .allMatch(position -> position >= 0 && position < steps.length());
      }
      case EVEN -> {
        assertThat(steps.count()).isEqualTo(full + (rest > 0 ? 1 : 0));
        assertThat(positions).as("%s", steps).hasSize((int) left);
        assertEven(steps);
      }
    }
    if (steps.count() > 0) {
      assertThat(steps.stepEnd(steps.count() - 1)).isEqualTo(steps.length() - steps.dropped());
    }
  }

  private static void assertEven(Steps steps) {
    for (long step = 0; step < steps.count(); step++) {
      long least = Long.MAX_VALUE;
      long most = 0;
      for (int rank = 0; rank < steps.ranks(); rank++) {
        long count = steps.end(step, rank) - steps.begin(step, rank);
        least = Math.min(least, count);
        most = Math.max(most, count);
      }
      assertThat(most - least).as("%s", steps).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void paddingBeginsAgainAtTheBeginningOfTheEpoch() {
    Steps steps = new Steps(5, 0, 12, 3, Remainder.PAD);
    assertThat(steps.count()).isEqualTo(1);
    assertThat(delivered(steps).stream().map(steps::wrapped))
        .containsExactly(0L, 1L, 2L, 3L, 4L, 0L, 1L, 2L, 3L, 4L, 0L, 1L);
    assertThat(steps.isPadding(4)).isFalse();
    assertThat(steps.isPadding(5)).isTrue();
  }

  /** After a resume with another number of ranks, the steps go on where they were. */
  @Test
  void chainsOfResumesDeliverTheEpoch() {
    List<Long> positions = new ArrayList<>();
    long base = 0;
    int[] ranks = {3, 1, 7, 2, 5};
    for (int i = 0; i < ranks.length; i++) {
      Steps steps = new Steps(1000, base, 20 + i, ranks[i], Remainder.EVEN);
      long last = i + 1 == ranks.length ? steps.count() : 5 + i;
      for (long step = 0; step < last; step++) {
        for (int rank = 0; rank < ranks[i]; rank++) {
          for (long p = steps.begin(step, rank); p < steps.end(step, rank); p++) {
            positions.add(p);
          }
        }
        base = steps.stepEnd(step);
      }
    }
    assertThat(positions).hasSize(1000).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void hugeNumbersDoNotOverflow() {
    long length = (1L << 62) - 1;
    Steps steps = new Steps(length, 5, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Remainder.EVEN);
    long last = steps.count() - 1;
    assertThat(steps.end(last, Integer.MAX_VALUE - 2)).isEqualTo(length);
    assertThat(steps.begin(0, Integer.MAX_VALUE - 2)).isEqualTo(5L + Integer.MAX_VALUE - 2);
    Steps large = new Steps(length, 0, 1L << 61, 1 << 20, Remainder.DROP);
    assertThat(large.count()).isEqualTo(1);
    assertThat(large.begin(0, 3)).isEqualTo(3L << 41);
    assertThat(large.end(0, (1 << 20) - 1)).isEqualTo(1L << 61);
    Steps endless = new Steps(Long.MAX_VALUE, 1000, 64, 4, Remainder.PAD);
    assertThat(endless.count()).isEqualTo(Long.MAX_VALUE);
    assertThat(endless.dropped()).isZero();
    assertThat(endless.begin(1L << 40, 1)).isEqualTo(1000 + (64L << 40) + 16);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Steps(10, 11, 1, 1, Remainder.DROP))
        .withMessage("the position 11 is outside 0 to 10, the length of the epoch");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Steps(10, 0, 3, 4, Remainder.EVEN))
        .withMessageContaining("a batch of 3 records is too small for 4 ranks");
    assertThatIllegalArgumentException().isThrownBy(() -> new Steps(10, -1, 3, 1, Remainder.PAD));
    assertThatIllegalArgumentException().isThrownBy(() -> new Steps(10, 0, 0, 1, Remainder.PAD));
    assertThatIllegalArgumentException().isThrownBy(() -> new Steps(10, 0, 1, 0, Remainder.PAD));
  }
}

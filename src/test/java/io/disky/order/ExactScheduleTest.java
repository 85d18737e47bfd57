package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ExactScheduleTest {
  /** Weights of so many sources, some of them much larger than others. */
  private static long[] weights(SplittableRandom random, int sources) {
    long[] weights =
        LongStream.generate(() -> 1 + random.nextLong(1L << random.nextInt(1, 9)))
            .limit(sources)
            .toArray();
    return Weights.reduced(weights);
  }

  /** Whether the counts after a step differ from the shares by less than 1. */
  private static void assertNearShares(long[] weights, long[] counts, long steps) {
    long sum = Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      assertThat(Math.abs(counts[i] * sum - steps * weights[i]))
          .as("source %d of %s after %d steps", i, Arrays.toString(weights), steps)
          .isLessThan(sum);
    }
  }

  @Test
  void afterEachStepEachSourceIsWithinOneOfItsShare() {
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 400; trial++) {
      long[] weights = weights(random, 2 + trial % 11);
      ExactSchedule schedule = new SteppedSchedule(weights);
      long[] counts = new long[weights.length];
      for (long step = 1; step <= 2 * schedule.period; step++) {
        counts[schedule.next()]++;
        assertNearShares(weights, counts, step);
      }
      assertThat(counts).isEqualTo(Arrays.stream(weights).map(weight -> 2 * weight).toArray());
      assertThat(schedule.counts).isEqualTo(counts);
    }
  }

  @Test
  void manySourcesAndLargeWeightsStayNearTheirShares() {
    SplittableRandom random = new SplittableRandom(2);
    long[] many = LongStream.generate(() -> 1 + random.nextLong(60_000)).limit(256).toArray();
    long[] large = {1L << 23, (1L << 23) - 3, 1, 1, 1};
    for (long[] weights : new long[][] {many, large}) {
      ExactSchedule schedule = ExactSchedule.of(Weights.reduced(weights));
      assertThat(schedule).isInstanceOf(SteppedSchedule.class);
      long last = 3_000_000;
      schedule.seek(last);
      long[] counts = schedule.counts.clone();
      assertNearShares(weights, counts, last);
      for (long step = last + 1; step <= last + 5_000; step++) {
        counts[schedule.next()]++;
        assertNearShares(weights, counts, step);
      }
    }
  }

  @Test
  void aTableHasTheSameTurns() {
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 100; trial++) {
      long[] weights = weights(random, 1 + trial % 12);
      ExactSchedule stepped = new SteppedSchedule(weights);
      ExactSchedule tabled = ExactSchedule.of(weights);
      assertThat(tabled).isInstanceOf(TabledSchedule.class);
      for (long step = 0; step < 3 * stepped.period; step++) {
        assertThat(tabled.position()).isEqualTo(step);
        assertThat(tabled.next()).isEqualTo(stepped.next());
        assertThat(tabled.counts).isEqualTo(stepped.counts);
      }
    }
  }

  @Test
  void seekingIsTheSameAsStepping() {
    SplittableRandom random = new SplittableRandom(4);
    for (int trial = 0; trial < 60; trial++) {
      long[] weights = weights(random, 2 + trial % 11);
      ExactSchedule stepped = new SteppedSchedule(weights);
      int[] turns = new int[Math.toIntExact(3 * stepped.period + 20)];
      stepped.next(turns, 0, turns.length);
      for (ExactSchedule schedule :
          new ExactSchedule[] {new SteppedSchedule(weights), ExactSchedule.of(weights)}) {
        for (int i = 0; i < 30; i++) {
          int position = random.nextInt(turns.length - 10);
          schedule.seek(position);
          assertThat(schedule.position()).isEqualTo(position);
          int[] next = new int[10];
          schedule.next(next, 0, 10);
          assertThat(next).isEqualTo(Arrays.copyOfRange(turns, position, position + 10));
        }
      }
    }
  }

  @Test
  void seekingFarTakesAtMostAPeriod() {
    long[] weights = {5, 3, 2};
    ExactSchedule schedule = new SteppedSchedule(weights);
    schedule.seek((1L << 61) + 7);
    long[] counts = schedule.counts.clone();
    schedule.seek(7 + (1L << 61) % 10);
    long periods = ((1L << 61) + 7) / 10 - (7 + (1L << 61) % 10) / 10;
    for (int i = 0; i < weights.length; i++) {
      assertThat(counts[i] - schedule.counts[i]).isEqualTo(periods * weights[i]);
    }
  }

  @Test
  void turnsAreFoundWithoutSteppingFromTheBeginning() {
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 300; trial++) {
      long[] weights = weights(random, 1 + trial % 12);
      ExactSchedule schedule =
          trial % 2 == 0 ? new SteppedSchedule(weights) : ExactSchedule.of(weights);
      long[] turns = random.longs(weights.length, 0, 300).toArray();
      long first = Long.MAX_VALUE;
      long last = 0;
      int missing = turns.length;
      ExactSchedule steps = new SteppedSchedule(weights);
      while (missing > 0) {
        int source = steps.next();
        if (steps.counts[source] == turns[source] + 1) {
          first = Math.min(first, steps.position() - 1);
          last = steps.position() - 1;
          missing--;
        }
      }
      assertThat(schedule.earliest(turns)).isEqualTo(first);
      assertThat(schedule.latest(turns)).isEqualTo(last);
    }
  }

  @Test
  void turnsBeyondTheLimitOfPositionsAreRefused() {
    ExactSchedule schedule = ExactSchedule.of(new long[] {1, 1000});
    long[] turns = {1L << 60, 1L << 60};
    assertThat(schedule.earliest(turns)).isGreaterThan(1L << 60);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.latest(turns))
        .withMessageContaining("the epoch has more than " + (1L << 62) + " positions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.latest(new long[] {1L << 62, 0}));
  }
}

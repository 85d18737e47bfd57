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
      ScheduleTable table = new ScheduleTable(weights);
      ExactSchedule schedule = new ExactSchedule(table);
      long[] counts = new long[weights.length];
      for (long step = 1; step <= 2L * table.period(); step++) {
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
    long[] many = LongStream.generate(() -> 1 + random.nextLong(2000)).limit(256).toArray();
    long[] large = {(1 << 20) - 6, 2, 1, 1, 1, 1};
    for (long[] weights : new long[][] {Weights.reduced(many), large}) {
      ExactSchedule schedule = new ExactSchedule(new ScheduleTable(weights));
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

  /** After a period the rule begins again, so a table of one period has all turns. */
  @Test
  void turnsRepeat() {
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 100; trial++) {
      long[] weights = weights(random, 1 + trial % 12);
      SteppedTurns steps = new SteppedTurns(weights);
      ScheduleTable table = new ScheduleTable(weights);
      ExactSchedule schedule = new ExactSchedule(table);
      for (long step = 0; step < 3L * table.period(); step++) {
        assertThat(schedule.position()).isEqualTo(step);
        int source = schedule.next();
        assertThat(source).isEqualTo(steps.next());
        assertThat(schedule.counts[source]).isEqualTo(steps.count(source));
      }
    }
  }

  @Test
  void seekingIsTheSameAsStepping() {
    SplittableRandom random = new SplittableRandom(4);
    for (int trial = 0; trial < 60; trial++) {
      long[] weights = weights(random, 2 + trial % 11);
      ExactSchedule schedule = new ExactSchedule(new ScheduleTable(weights));
      int[] turns = new int[3 * Math.toIntExact(Arrays.stream(weights).sum()) + 20];
      schedule.next(turns, 0, turns.length);
      for (int i = 0; i < 30; i++) {
        int position = random.nextInt(turns.length - 10);
        schedule.seek(position);
        assertThat(schedule.position()).isEqualTo(position);
        long[] counts = new long[weights.length];
        Arrays.stream(turns, 0, position).forEach(source -> counts[source]++);
        assertThat(schedule.counts).isEqualTo(counts);
        int[] next = new int[10];
        schedule.next(next, 0, 10);
        assertThat(next).isEqualTo(Arrays.copyOfRange(turns, position, position + 10));
      }
    }
  }

  @Test
  void seekingFarIsExact() {
    long[] weights = {5, 3, 2};
    ExactSchedule schedule = new ExactSchedule(new ScheduleTable(weights));
    schedule.seek(7);
    long[] near = schedule.counts.clone();
    schedule.seek((10L << 55) + 7);
    for (int i = 0; i < weights.length; i++) {
      assertThat(schedule.counts[i]).isEqualTo((weights[i] << 55) + near[i]);
    }
  }

  @Test
  void turnsAreFoundWithoutSteppingFromTheBeginning() {
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 300; trial++) {
      long[] weights = weights(random, 1 + trial % 12);
      long[] turns = random.longs(weights.length, 0, 300).toArray();
      long first = Long.MAX_VALUE;
      long last = 0;
      int missing = turns.length;
      SteppedTurns steps = new SteppedTurns(weights);
      for (long step = 0; missing > 0; step++) {
        int source = steps.next();
        if (steps.count(source) == turns[source] + 1) {
          first = Math.min(first, step);
          last = step;
          missing--;
        }
      }
      ExactSchedule schedule = new ExactSchedule(new ScheduleTable(weights));
      assertThat(schedule.earliest(turns)).isEqualTo(first);
      assertThat(schedule.latest(turns)).isEqualTo(last);
    }
  }

  @Test
  void turnsBeyondTheLimitOfPositionsAreRefused() {
    ExactSchedule schedule = new ExactSchedule(new ScheduleTable(new long[] {1, 1000}));
    long[] turns = {1L << 60, 1L << 60};
    assertThat(schedule.earliest(turns)).isGreaterThan(1L << 60);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.latest(turns))
        .withMessageContaining("the epoch has more than " + (1L << 62) + " positions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.latest(new long[] {1L << 62, 0}));
  }
}

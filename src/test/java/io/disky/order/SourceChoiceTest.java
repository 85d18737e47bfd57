package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which source is chosen at each position, until sources have no records left. */
class SourceChoiceTest {
  private static final OrderKey KEY = OrderKey.of(17);

  private static SourceChoice choice(
      boolean exact, long[] weights, long[] lengths, Exhaustion exhaustion) {
    return exact
        ? new ExactChoice(weights, lengths, exhaustion)
        : new RandomChoice(KEY, weights, lengths, exhaustion);
  }

  /** The choices by the rules, step by step; at most {@code most}. */
  private static int[] expected(
      boolean exact, long[] weights, long[] lengths, Exhaustion exhaustion, int most) {
    IntStream.Builder chosen = IntStream.builder();
    long[] counts = new long[weights.length];
    int[] alive = IntStream.range(0, weights.length).toArray();
    if (exhaustion == Exhaustion.DROP_OUT) {
      alive = Arrays.stream(alive).filter(i -> lengths[i] > 0).toArray();
    }
    SteppedTurns schedule = null;
    for (int position = 0; position < most && alive.length > 0; position++) {
      if (schedule == null) {
        long[] left = Arrays.stream(alive).mapToLong(i -> weights[i]).toArray();
        schedule = new SteppedTurns(Weights.reduced(left));
      }
      int source = exact ? alive[schedule.next()] : atRandom(weights, alive, position);
      if (exhaustion == Exhaustion.STOP && counts[source] == lengths[source]) {
        break;
      }
      counts[source]++;
      chosen.add(source);
      if (exhaustion == Exhaustion.DROP_OUT && counts[source] == lengths[source]) {
        alive = Arrays.stream(alive).filter(i -> i != source).toArray();
        schedule = null;
      }
      if (exhaustion == Exhaustion.REPEAT_UNTIL_ALL_SEEN
          && IntStream.range(0, counts.length).allMatch(i -> counts[i] >= lengths[i])) {
        break;
      }
    }
    return chosen.build().toArray();
  }

  private static int atRandom(long[] weights, int[] alive, long position) {
    long number = KEY.below(Arrays.stream(alive).mapToLong(i -> weights[i]).sum(), position);
    int index = 0;
    while (number >= weights[alive[index]]) {
      number -= weights[alive[index]];
      index++;
    }
    return alive[index];
  }

  private static long[] weights(SplittableRandom random, int sources) {
    return Weights.reduced(random.longs(sources, 1, 40).toArray());
  }

  /** Lengths and choices equal those of a simulation that makes one step after the other. */
  @ParameterizedTest
  @EnumSource(Exhaustion.class)
  void lengthsAndChoicesFollowTheRules(Exhaustion exhaustion) {
    SplittableRandom random = new SplittableRandom(6);
    for (int trial = 0; trial < 200; trial++) {
      boolean exact = trial % 2 == 0;
      long[] weights = weights(random, 1 + trial % 8);
      long least = exhaustion == Exhaustion.DROP_OUT ? 0 : 1;
      long[] lengths = random.longs(weights.length, least, 60).toArray();
      int[] expected = expected(exact, weights, lengths, exhaustion, 50_000);
      SourceChoice choice = choice(exact, weights, lengths, exhaustion);
      if (exhaustion == Exhaustion.REPEAT) {
        assertThat(choice.length()).isEqualTo(Long.MAX_VALUE);
        expected = Arrays.copyOf(expected, 1000);
      } else {
        assertThat(choice.length()).isEqualTo(expected.length);
      }
      int[] chosen = new int[expected.length];
      choice.next(chosen, chosen.length);
      assertThat(chosen).isEqualTo(expected);
      assertSeeks(choice, expected, random);
      assertSeeks(choice.copy(), expected, random);
      assertRestores(choice, expected, random);
    }
  }

  private static void assertSeeks(SourceChoice choice, int[] expected, SplittableRandom random) {
    for (int i = 0; i < 10; i++) {
      int position = random.nextInt(expected.length + 1);
      choice.seek(position);
      assertAt(choice, expected, position);
    }
  }

  private static void assertRestores(SourceChoice choice, int[] expected, SplittableRandom random) {
    for (int i = 0; i < 5; i++) {
      int position = random.nextInt(expected.length + 1);
      SourceChoice other = choice.copy();
      other.restore(position, choice.snapshot(position));
      assertThat(other.position()).isLessThanOrEqualTo(position);
      other.seek(position);
      assertAt(other, expected, position);
    }
  }

  private static void assertAt(SourceChoice choice, int[] expected, int position) {
    assertThat(choice.position()).isEqualTo(position);
    int[] rest = Arrays.copyOfRange(expected, position, Math.min(expected.length, position + 30));
    for (int source : rest) {
      long before = IntStream.range(0, position).filter(at -> expected[at] == source).count();
      assertThat(choice.count(source)).isEqualTo(before);
      assertThat(choice.isActive(source)).isTrue();
    }
    int[] next = new int[rest.length];
    choice.next(next, next.length);
    assertThat(next).isEqualTo(rest);
  }

  /** A restored choice makes only the choices since the last mark, wherever it is. */
  @Test
  void aRandomMixContinuesFarFromTheBeginning() {
    long[] weights = {3, 1, 2};
    long[] lengths = {400_000, 700_000, 300_000};
    SourceChoice choice = choice(false, weights, lengths, Exhaustion.DROP_OUT);
    int[] expected = new int[1_400_000];
    choice.next(expected, expected.length);
    for (int position : new int[] {4095, 4096, 4097, 1_000_000, 1_399_999, 1_400_000}) {
      long[] snapshot = choice.snapshot(position);
      assertThat(snapshot[0]).isEqualTo(position / 4096 * 4096L);
      SourceChoice other = choice(false, weights, lengths, Exhaustion.DROP_OUT);
      other.restore(position, snapshot);
      assertThat(other.position()).isEqualTo(snapshot[0]);
      other.seek(position);
      int[] rest = new int[Math.min(5000, expected.length - position)];
      other.next(rest, rest.length);
      assertThat(rest).isEqualTo(Arrays.copyOfRange(expected, position, position + rest.length));
    }
  }

  @Test
  void numbersThatAreNotASnapshotAreRefused() {
    long[] lengths = {5000, 5000};
    SourceChoice choice = choice(false, new long[] {1, 1}, lengths, Exhaustion.DROP_OUT);
    long[][] wrong = {
      {0, 0, 0}, {4096, 2000, 2095}, {4096, -1, 4097}, {4096, 5001, -905}, {8192, 4096, 4096},
    };
    for (long[] snapshot : wrong) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> choice.restore(5000, snapshot))
          .withMessageStartingWith("the checkpoint");
    }
    choice.restore(5000, new long[] {4096, 2000, 2096});
  }

  /** The counts of a snapshot stand for the choices before it, which are not made again. */
  @Test
  void choicesBeforeASnapshotAreNotMadeAgain() {
    long[] lengths = {5000, 5000};
    SourceChoice choice = choice(false, new long[] {1, 1}, lengths, Exhaustion.DROP_OUT);
    long[] invented = {4096, 1000, 3096};
    assertThat(choice.snapshot(5000)).isNotEqualTo(invented);
    SourceChoice other = choice(false, new long[] {1, 1}, lengths, Exhaustion.DROP_OUT);
    other.restore(5000, invented);
    other.seek(5000);
    assertThat(other.snapshot(5000)).isEqualTo(invented);
    other.seek(4500);
    assertThat(other.snapshot(4500)).isEqualTo(invented);
    assertThat(other.copy().snapshot(4500)).isNotEqualTo(invented);
  }

  /** The numbers of each source are near its share, at random and exactly. */
  @Test
  void sharesAreTheWeights() {
    long[] weights = {6, 3, 1};
    long[] lengths = {1L << 40, 1L << 40, 1L << 40};
    for (boolean exact : new boolean[] {true, false}) {
      SourceChoice choice = choice(exact, weights, lengths, Exhaustion.REPEAT);
      choice.seek(100_000);
      // Six standard deviations of the binomial distribution.
      double margin = exact ? 1 : 6 * Math.sqrt(100_000 * 0.25);
      for (int i = 0; i < weights.length; i++) {
        assertThat(Math.abs(choice.count(i) - weights[i] * 10_000.0)).isLessThan(margin);
      }
    }
  }

  /** Lengths of epochs with 10^15 records are known at once. */
  @Test
  void hugeExactEpochsHaveLengths() {
    long[] weights = {3, 5, 8};
    long[] lengths = {1L << 50, 1L << 51, 1L << 52};
    assertThat(choice(true, weights, lengths, Exhaustion.DROP_OUT).length()).isEqualTo(7L << 50);
    long stop = choice(true, weights, lengths, Exhaustion.STOP).length();
    assertThat((double) stop / (1L << 50)).isBetween(5.333, 5.334);
    long seen = choice(true, weights, lengths, Exhaustion.REPEAT_UNTIL_ALL_SEEN).length();
    assertThat((double) seen / (1L << 50)).isBetween(7.99, 8.01);
    SourceChoice choice = choice(true, weights, lengths, Exhaustion.DROP_OUT);
    choice.seek(7L << 50);
    for (int i = 0; i < lengths.length; i++) {
      assertThat(choice.count(i)).isEqualTo(lengths[i]);
      assertThat(choice.isActive(i)).isFalse();
    }
  }
}

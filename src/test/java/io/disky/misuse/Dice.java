package io.disky.misuse;

import java.util.List;
import java.util.SplittableRandom;

/** Random choices of one thread. */
final class Dice {
  private final SplittableRandom random;

  Dice(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** 0 to below {@code bound}. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** 0 to below {@code bound}, which is at least 1. */
  long below(long bound) {
    return random.nextLong(bound);
  }

  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  long bits() {
    return random.nextLong();
  }

  <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  <E extends Enum<E>> E of(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return constants[random.nextInt(constants.length)];
  }

  /**
   * Returns mostly a number from 0 to below {@code bound}, otherwise a number at which programs
   * often fail.
   */
  long near(long bound) {
    if (!oneIn(6)) {
      return below(Math.max(1, bound));
    }
    return switch (below(8)) {
      case 0 -> -1;
      case 1 -> Long.MAX_VALUE;
      case 2 -> Long.MIN_VALUE;
      case 3 -> bound;
      case 4 -> bound + 1;
      case 5 -> bound - 1;
      case 6 -> 1L << below(63);
      default -> 0;
    };
  }

  /** As {@link #near(long)}, for an {@code int}. */
  int near(int bound) {
    return Math.clamp(near((long) bound), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }
}

package io.disky.bench;

/**
 * The numbers of all records in a random order, again and again. limits/src/random.rs defines the
 * order, which is the same in all languages.
 */
final class RandomOrder {
  private final long size;
  private long next;

  RandomOrder(long size) {
    this.size = size;
  }

  /** The next {@code count} numbers. */
  long[] next(int count) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = next;
      next = following(next);
    }
    return numbers;
  }

  private long following(long number) {
    long mask = (Long.highestOneBit(size) << 1) - 1;
    long following = number;
    do {
      following = (following * 1_664_525 + 1_013_904_223) & mask;
    } while (following >= size);
    return following;
  }
}

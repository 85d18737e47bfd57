package io.disky.random;

/**
 * Whether attempts of one kind are worth their time: not after several in a row were useless; then
 * only now and then. This is a hint, so it needs no synchronization. Thread-safe.
 */
final class Usefulness {
  private static final int USELESS = 4;
  private static final int CALLS_PER_USELESS_ATTEMPT = 64;

  private int useless;

  /** Whether to make an attempt. */
  boolean isLikely() {
    int before = useless;
    if (before < USELESS) {
      return true;
    }
    useless = before + 1;
    return before % CALLS_PER_USELESS_ATTEMPT == 0;
  }

  /** Records whether an attempt was useful. */
  void add(boolean useful) {
    if (!useful) {
      useless++;
    } else if (useless > 0) {
      useless = 0;
    }
  }
}

package io.disky.random;

/**
 * Remembers keys that were asked for a short time ago. This is a hint: a key may be forgotten
 * early. Thread-safe, and takes no lock.
 */
final class RecentKeys {
  private static final long MIX = 0x9e3779b97f4a7c15L;
  private static final int MOST = 1 << 20;

  // Any thread reads and writes the marks: a lost one does no harm.
  private final int[] marks;
  private final int shift;

  /**
   * @param count about how many keys to remember; of larger numbers, a million
   */
  RecentKeys(int count) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.clamp(count, 1, MOST - 1));
    this.marks = new int[1 << bits];
    this.shift = Long.SIZE - bits;
  }

  /**
   * Remembers a key, in place of one that was asked for before. Returns whether it was already
   * remembered.
   *
   * @param key at least 0. Keys that differ by a multiple of 2<sup>32</sup> can be taken for each
   *     other
   */
  boolean add(long key) {
    int place = (int) ((key * MIX) >>> shift);
    int mark = ~(int) key; // not 0, which is the mark of no key
    if (marks[place] == mark) {
      return true;
    }
    marks[place] = mark;
    return false;
  }
}

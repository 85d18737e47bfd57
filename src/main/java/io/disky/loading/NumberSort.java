package io.disky.loading;

import java.util.Arrays;

/**
 * Sorts keys by their upper bits, digit by digit from the lowest digit on (radix sort). For many
 * keys this takes a fraction of the time of a sort by comparisons. Its arrays are used again. For
 * one thread at a time.
 */
final class NumberSort {
  private static final int DIGIT_BITS = 11;
  private static final int DIGITS = 1 << DIGIT_BITS;

  // For fewer keys, counting the digits takes longer than comparisons.
  private static final int FEW = 256;

  private final int[] begins = new int[DIGITS];
  private long[] other = new long[0];

  /**
   * Sorts {@code count} keys from index {@code from} on. Keys that differ in the lower bits only
   * keep their order.
   *
   * @param keys at least 0, each
   * @param lower number of lower bits that are ignored
   */
  void sort(long[] keys, int from, int count, int lower) {
    if (count < FEW) {
      Arrays.sort(
          keys, from, from + count); // in order of the lower bits, too, which is their order
      return;
    }
    if (other.length < count) {
      other = new long[Math.max(count, 2 * other.length)];
    }
    long all = 0;
    for (int i = from; i < from + count; i++) {
      all |= keys[i];
    }
    int top = Long.SIZE - Long.numberOfLeadingZeros(all);
    boolean here = true;
    for (int shift = lower; shift < top; shift += DIGIT_BITS) {
      if (here) {
        move(keys, from, other, 0, count, shift);
      } else {
        move(other, 0, keys, from, count, shift);
      }
      here = !here;
    }
    if (!here) {
      System.arraycopy(other, 0, keys, from, count);
    }
  }

  private void move(long[] keys, int from, long[] to, int at, int count, int shift) {
    Arrays.fill(begins, 0);
    for (int i = from; i < from + count; i++) {
      begins[(int) (keys[i] >>> shift) & (DIGITS - 1)]++;
    }
    int begin = at;
    for (int digit = 0; digit < DIGITS; digit++) {
      int size = begins[digit];
      begins[digit] = begin;
      begin += size;
    }
    for (int i = from; i < from + count; i++) {
      int digit = (int) (keys[i] >>> shift) & (DIGITS - 1);
      to[begins[digit]++] = keys[i];
    }
  }
}

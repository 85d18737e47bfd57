package io.disky.order;

import java.util.Objects;

/**
 * A permutation of 0 to size - 1 that depends on a key, with its inverse. Takes at most 16 KiB of
 * memory for any size, and a few nanoseconds for each index. Any number of threads may use it after
 * it was published safely. docs/order.md specifies it.
 *
 * <p>Up to {@value #TABLE} numbers are shuffled in a table, so that each permutation is equally
 * likely. More are permuted by a Feistel network: a number is split into two coordinates, and each
 * round adds a keyed function of one of them to the other. The coordinates have ranges whose
 * product is slightly larger than the size; a result that is too large is permuted again.
 */
public final class KeyedPermutation {
  /** The largest size of a permutation that is a table. */
  static final int TABLE = 4096;

  /** Six rounds are enough for all statistics that the tests compute; four are not. */
  private static final int ROUNDS = 8;

  private long size;

  // Up to TABLE numbers: the permutation and its inverse, from index 0 on.
  private char[] values = new char[0];
  private char[] indexes = new char[0];

  // More numbers: a number is column + row * 2^columnBits.
  private long rows;
  private int columnBits;
  private final long[] roundKeys = new long[ROUNDS];

  private KeyedPermutation() {}

  /**
   * The permutation of a key.
   *
   * @param size number of numbers, at least 0
   */
  public static KeyedPermutation of(OrderKey key, long size) {
    KeyedPermutation permutation = new KeyedPermutation();
    permutation.set(key, size);
    return permutation;
  }

  /** Becomes the permutation of another key. No other thread may use this object meanwhile. */
  void set(OrderKey key, long size) {
    if (size < 0) {
      throw new IllegalArgumentException("The size is " + size + "; it must be at least 0.");
    }
    this.size = size;
    if (size <= TABLE) {
      shuffle(key, (int) size);
    } else {
      int bits = Long.SIZE - Long.numberOfLeadingZeros(size);
      columnBits = bits / 2;
      rows = ((size - 1) >>> columnBits) + 1;
      for (int round = 0; round < ROUNDS; round++) {
        roundKeys[round] = key.hash(round);
      }
    }
  }

  private void shuffle(OrderKey key, int count) {
    if (values.length < count) {
      values = new char[count];
      indexes = new char[count];
    }
    for (int i = 0; i < count; i++) {
      values[i] = (char) i;
    }
    for (int i = count - 1; i > 0; i--) {
      int other = (int) key.below(i + 1L, i);
      char value = values[i];
      values[i] = values[other];
      values[other] = value;
    }
    for (int i = 0; i < count; i++) {
      indexes[values[i]] = (char) i;
    }
  }

  /** Number of numbers. */
  public long size() {
    return size;
  }

  /**
   * The number at an index.
   *
   * @param index 0 to size - 1
   */
  public long at(long index) {
    Objects.checkIndex(index, size);
    if (size <= TABLE) {
      return values[(int) index];
    }
    long value = encrypt(index);
    while (value >= size) {
      value = encrypt(value);
    }
    return value;
  }

  /**
   * The index of a number: the inverse of {@link #at}.
   *
   * @param value 0 to size - 1
   */
  public long indexOf(long value) {
    Objects.checkIndex(value, size);
    if (size <= TABLE) {
      return indexes[(int) value];
    }
    long index = decrypt(value);
    while (index >= size) {
      index = decrypt(index);
    }
    return index;
  }

  private long encrypt(long number) {
    long row = number >>> columnBits;
    long mask = (1L << columnBits) - 1;
    long column = number & mask;
    for (int round = 0; round < ROUNDS; round += 2) {
      // Without a branch: minus the number of rows, and plus it again if that is negative.
      row += rowShift(round, column) - rows;
      row += rows & (row >> 63);
      column = (column + columnShift(round + 1, row)) & mask;
    }
    return row << columnBits | column;
  }

  private long decrypt(long number) {
    long row = number >>> columnBits;
    long mask = (1L << columnBits) - 1;
    long column = number & mask;
    for (int round = ROUNDS - 2; round >= 0; round -= 2) {
      column = (column - columnShift(round + 1, row)) & mask;
      row -= rowShift(round, column);
      row += rows & (row >> 63);
    }
    return row << columnBits | column;
  }

  /** A number of rows: 0 to rows - 1. */
  private long rowShift(int round, long column) {
    return Math.unsignedMultiplyHigh(scatter(column + roundKeys[round]), rows);
  }

  /** A number of columns: 0 to 2^columnBits - 1. */
  private long columnShift(int round, long row) {
    return scatter(row + roundKeys[round]) >>> (Long.SIZE - columnBits);
  }

  /** A cheaper function than {@link OrderKey#mix}, for its upper bits. */
  private static long scatter(long bits) {
    long product = bits * 0xbf58476d1ce4e5b9L;
    return (product ^ (product >>> 32)) * 0x94d049bb133111ebL;
  }
}

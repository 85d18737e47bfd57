package io.disky.misuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A record whose number determines its size and bytes. The number is its first 8 bytes, so the
 * record itself shows whether it is complete and correct.
 */
final class TellingRecord {
  /** Numbers from here on have records of up to 2,000 bytes. */
  static final long MEDIUM = 1L << 40;

  /** Numbers from here on have records larger than a block of a file, which is 64 KiB. */
  static final long LARGE = 2L << 40;

  /** The result of {@link #number} for bytes that are not such a record. */
  static final long TORN = -1;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;
  private static final long MOST_NUMBER = 3L << 40;

  private TellingRecord() {}

  /** The record with a number, at least 0. */
  static byte[] of(long number) {
    byte[] record = new byte[size(number)];
    MemorySegment words = MemorySegment.ofArray(record);
    words.set(WORD, 0, number);
    int at = Long.BYTES;
    for (; at + Long.BYTES <= record.length; at += Long.BYTES) {
      words.set(WORD, at, word(number, at));
    }
    for (; at < record.length; at++) {
      record[at] = (byte) word(number, at);
    }
    return record;
  }

  /** The size in bytes, at least 8, of the record with a number. */
  static int size(long number) {
    int random = (int) (word(number, 1) >>> 40);
    if (number >= LARGE) {
      return 65_000 + random % 40_000;
    }
    return Long.BYTES + random % (number >= MEDIUM ? 2_000 : 90);
  }

  /** The number of a record; {@link #TORN} if its size or a byte of it is wrong. */
  static long number(MemorySegment record) {
    long size = record.byteSize();
    if (size < Long.BYTES) {
      return TORN;
    }
    long number = record.get(WORD, 0);
    if (number < 0 || number >= MOST_NUMBER || size != size(number)) {
      return TORN;
    }
    long at = Long.BYTES;
    for (; at + Long.BYTES <= size; at += Long.BYTES) {
      if (record.get(WORD, at) != word(number, at)) {
        return TORN;
      }
    }
    for (; at < size; at++) {
      if (record.get(ValueLayout.JAVA_BYTE, at) != (byte) word(number, at)) {
        return TORN;
      }
    }
    return number;
  }

  private static long word(long number, long at) {
    long mixed = (number * MULTIPLIER + at) * MULTIPLIER;
    return mixed ^ (mixed >>> 29);
  }
}

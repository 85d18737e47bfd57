package io.disky.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * The checksum of a loop over records: the sum of their sizes and of their first bytes, which are
 * signed.
 */
final class Checksum {
  private Checksum() {}

  static long of(MemorySegment record) {
    long size = record.byteSize();
    return size == 0 ? 0 : size + record.get(JAVA_BYTE, 0);
  }

  static long of(byte[] record) {
    return record.length == 0 ? 0 : record.length + record[0];
  }
}

package io.disky.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** What a loop over records adds up: their sizes and their first bytes, these with sign. */
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

package io.disky.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Compares records as sequences of unsigned bytes. */
final class RecordComparison {
  private RecordComparison() {}

  static int compare(MemorySegment a, MemorySegment b) {
    long at = a.mismatch(b);
    if (at < 0) {
      return 0;
    }
    if (at == a.byteSize() || at == b.byteSize()) {
      return Long.compare(a.byteSize(), b.byteSize());
    }
    return Byte.compareUnsigned(a.get(ValueLayout.JAVA_BYTE, at), b.get(ValueLayout.JAVA_BYTE, at));
  }
}

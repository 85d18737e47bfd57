package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies records to arrays. */
final class RecordBytes {
  private static final long MAX_SIZE = Integer.MAX_VALUE - 8;

  private RecordBytes() {}

  /** A copy of {@code length} bytes of {@code data}, beginning at {@code offset}. */
  static byte[] of(MemorySegment data, long offset, long length) throws IOException {
    if (length > MAX_SIZE) {
      throw new IOException("a record of " + length + " bytes is too large for an array");
    }
    return data.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }
}

package io.disky.http;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A range to request.
 *
 * @param position offset of the first byte; -1 for the end of the file
 * @param target memory for the bytes
 * @param version the version that must be read; empty for any
 */
record HttpRange(long position, MemorySegment target, Optional<String> version) {
  boolean isEnd() {
    return position < 0;
  }

  /** The value of the header {@code Range}. */
  String header() {
    long size = target.byteSize();
    return isEnd() ? "bytes=-" + size : "bytes=" + position + "-" + (position + size - 1);
  }

  /** The bytes that an answer contains. */
  record Read(long position, long length, long fileSize, HttpVersion version) {}
}

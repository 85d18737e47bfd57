package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Prints records. */
interface RecordPrinter {
  /** Prints a record: {@code length} bytes of {@code data}, beginning at {@code offset}. */
  void print(MemorySegment data, long offset, long length, OutputBuffer to) throws IOException;
}

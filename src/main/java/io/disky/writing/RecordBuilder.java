package io.disky.writing;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Builds a record in memory that it is given. */
@FunctionalInterface
public interface RecordBuilder {
  /** Returns the size of the record in bytes, which begins where {@code slot} begins. */
  long build(MemorySegment slot) throws IOException;
}

package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Records in the order of their numbers. */
@FunctionalInterface
public interface RecordInput {
  /** Takes the records of an input. */
  @FunctionalInterface
  interface Taker {
    /**
     * Takes the next record: {@code size} bytes of {@code memory} from {@code offset} on. Copies
     * what it needs before it returns.
     */
    void take(MemorySegment memory, long offset, long size) throws IOException;
  }

  /** Passes each record to {@code taker}. */
  void forEach(Taker taker) throws IOException;
}

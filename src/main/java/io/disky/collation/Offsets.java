package io.disky.collation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Offsets of records, as Arrow's binary layouts have them. */
public final class Offsets {
  private Offsets() {}

  /**
   * Checks that offsets into {@code size} bytes fit into ints.
   *
   * @param name the name of the batch, for the message
   * @throws IllegalStateException if they do not
   */
  public static void requireInts(long size, String name) {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          name
              + " has "
              + size
              + " bytes of records; offsets of 32 bits reach up to "
              + Integer.MAX_VALUE
              + ": use offsets of 64 bits, or smaller batches");
    }
  }

  /** Copies {@code count} longs, none of which exceeds an int, to ints. */
  public static void narrow(MemorySegment longs, int count, MemorySegment into) {
    for (int i = 0; i < count; i++) {
      long offset = longs.get(ValueLayout.JAVA_LONG, (long) i * Long.BYTES);
      into.set(ValueLayout.JAVA_INT, (long) i * Integer.BYTES, (int) offset);
    }
  }
}
